package dev.usersapi.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Locale;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * The token buckets. Each acquisition adds {@code RateLimit-Policy} and {@code RateLimit}
 * (draft-ietf-httpapi-ratelimit-headers-10) to the response, and is refused with 429 when the bucket is empty.
 */
@Component
public class RateLimits {

    private static final Duration WINDOW = Duration.ofMinutes(1);

    private final RateLimitProperties properties;
    private final MeterRegistry meters;
    private final Cache<String, Bucket> buckets;

    RateLimits(RateLimitProperties properties, MeterRegistry meters) {
        this.properties = properties;
        this.meters = meters;
        // a bucket that nobody asked for a window long is full again, as a new one would be
        this.buckets = Caffeine.newBuilder()
                .maximumSize(properties.trackedKeys())
                .expireAfterAccess(WINDOW)
                .build();
    }

    /** Takes one of the authenticated caller's requests. */
    public void acquireForUser(String user, HttpServletResponse response) {
        acquire("user", properties.user(), user, response);
    }

    /** Takes one of the client address's requests without valid credentials. */
    public void acquireForAddress(HttpServletRequest request, HttpServletResponse response) {
        acquire("address", properties.address(), ClientAddress.of(request), response);
    }

    /** Gives back what {@link #acquireForAddress} took, once the credentials turn out to be valid. */
    public void refundAddress(HttpServletRequest request) {
        Bucket bucket = buckets.getIfPresent("address " + ClientAddress.of(request));
        if (bucket != null) {
            bucket.addTokens(1);
        }
    }

    /** Takes one of the log-in attempts from the client address for the e-mail. */
    public void acquireForLogin(String email, HttpServletRequest request, HttpServletResponse response) {
        acquireForEmail("login", email, request, response);
    }

    /**
     * Takes one of the requests from the client address for a mail; there are as many as log-ins.
     *
     * @param account the e-mail that it goes to or the user that it concerns
     */
    public void acquireForMail(String account, HttpServletRequest request, HttpServletResponse response) {
        acquireForEmail("mail", account, request, response);
    }

    private void acquireForEmail(
            String policy, String email, HttpServletRequest request, HttpServletResponse response) {
        // whatever is too long for an e-mail shares a bucket: keys must not fill the memory
        String account = email.length() > 254 ? "" : email.toLowerCase(Locale.ROOT);
        String key = ClientAddress.of(request) + " " + account;
        acquire(policy, properties.login(), key, response);
    }

    /** How many buckets the memory holds, after what is due to be dropped has been. */
    long trackedBuckets() {
        buckets.cleanUp();
        return buckets.estimatedSize();
    }

    private void acquire(String policy, long quota, String key, HttpServletResponse response) {
        if (!properties.enabled()) {
            return;
        }
        Bucket bucket = buckets.get(
                policy + " " + key,
                k -> Bucket.builder()
                        .addLimit(limit -> limit.capacity(quota).refillGreedy(quota, WINDOW))
                        .build());
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
        long seconds =
                roundUpToSeconds(probe.isConsumed() ? probe.getNanosToWaitForReset() : probe.getNanosToWaitForRefill());
        response.addHeader("RateLimit-Policy", "\"" + policy + "\";q=" + quota + ";w=" + WINDOW.toSeconds());
        response.addHeader(
                "RateLimit",
                "\"" + policy + "\";r=" + (probe.isConsumed() ? probe.getRemainingTokens() : 0) + ";t=" + seconds);
        if (!probe.isConsumed()) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
            meters.counter("users.rate.limit.refused", "policy", policy).increment();
            throw new ProblemException(ErrorCode.RATE_LIMITED);
        }
    }

    private static long roundUpToSeconds(long nanos) {
        return Math.max(1, (nanos + 999_999_999) / 1_000_000_000);
    }
}
