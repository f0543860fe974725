package dev.usersapi.ratelimit;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import io.github.bucket4j.ConsumptionProbe;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Who has how much, and who has had it. Each acquisition adds {@code RateLimit-Policy} and {@code RateLimit}
 * (draft-ietf-httpapi-ratelimit-headers-10) to the response, and is refused with 429 when the bucket is empty.
 */
@Component
public class RateLimits {

    private final RateLimitProperties properties;
    private final MeterRegistry meters;
    private final Buckets buckets;

    RateLimits(RateLimitProperties properties, MeterRegistry meters, Buckets buckets) {
        this.properties = properties;
        this.meters = meters;
        this.buckets = buckets;
    }

    /** Takes one of the authenticated caller's requests. */
    public void acquireForUser(String user, HttpServletResponse response) {
        acquire(new Limit("user", properties.user(), user), response);
    }

    /** Takes one of the client address's requests without valid credentials. */
    public void acquireForAddress(HttpServletRequest request, HttpServletResponse response) {
        acquire(ofAddress(request), response);
    }

    /** Gives back what {@link #acquireForAddress} took, once the credentials turn out to be valid. */
    public void refundAddress(HttpServletRequest request) {
        if (properties.enabled()) {
            buckets.giveBack(ofAddress(request));
        }
    }

    private Limit ofAddress(HttpServletRequest request) {
        return new Limit("address", properties.address(), ClientAddress.of(request));
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
        acquire(new Limit(policy, properties.login(), ClientAddress.of(request) + " " + account), response);
    }

    private void acquire(Limit limit, HttpServletResponse response) {
        if (!properties.enabled()) {
            return;
        }
        ConsumptionProbe probe = buckets.take(limit);
        long seconds =
                roundUpToSeconds(probe.isConsumed() ? probe.getNanosToWaitForReset() : probe.getNanosToWaitForRefill());
        response.addHeader(
                "RateLimit-Policy", "\"" + limit.policy() + "\";q=" + limit.quota() + ";w=" + Limit.WINDOW.toSeconds());
        response.addHeader(
                "RateLimit",
                "\"" + limit.policy() + "\";r=" + (probe.isConsumed() ? probe.getRemainingTokens() : 0) + ";t="
                        + seconds);
        if (!probe.isConsumed()) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
            meters.counter("users.rate.limit.refused", "policy", limit.policy()).increment();
            throw new ProblemException(ErrorCode.RATE_LIMITED);
        }
    }

    private static long roundUpToSeconds(long nanos) {
        return Math.max(1, (nanos + 999_999_999) / 1_000_000_000);
    }
}
