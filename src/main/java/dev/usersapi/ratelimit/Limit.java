package dev.usersapi.ratelimit;

import dev.usersapi.http.OpaqueToken;
import io.github.bucket4j.Bandwidth;
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
        byte[] hash = Arrays.copyOf(OpaqueToken.hash(holder), 16);
        return "users:" + policy + ":" + quota + ":"
                + Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    }
}
