package dev.usersapi.ratelimit;

import io.github.bucket4j.Bandwidth;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;

/**
 * How much somebody may do in a {@link #WINDOW}.
 *
 * @param holder who: a caller's name, or an address, perhaps with an e-mail
 */
record Limit(String policy, long quota, String holder) {

    static final Duration WINDOW = Duration.ofMinutes(1);

    Bandwidth bandwidth() {
        return Bandwidth.builder().capacity(quota).refillGreedy(quota, WINDOW).build();
    }

    /** Tells nobody's e-mail; with the quota, because a bucket keeps the one that it was made with. */
    String sharedKey() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(holder.getBytes(StandardCharsets.UTF_8));
            return "users:" + policy + ":" + quota + ":"
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
