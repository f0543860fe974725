package dev.usersapi.ratelimit;

import dev.usersapi.http.OpaqueToken;
import io.github.bucket4j.Bandwidth;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;

/**
 * How many requests a client or caller may send in a {@link #WINDOW}.
 *
 * @param policy name of the kind of limit, such as {@code login}
 * @param quota requests in a window
 * @param holder to whom the limit applies: a caller, or a client address, which may be followed by an e-mail address
 */
record Limit(String policy, long quota, String holder) {

    static final Duration WINDOW = Duration.ofMinutes(1);

    Bandwidth bandwidth() {
        return Bandwidth.builder().capacity(quota).refillGreedy(quota, WINDOW).build();
    }

    /** The key in Redis. The holder is hashed, and the quota is included because a stored bucket keeps its quota. */
    String redisKey() {
        byte[] hash = Arrays.copyOf(OpaqueToken.hash(holder), 16);
        return "users:" + policy + ":" + quota + ":"
                + Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    }
}
