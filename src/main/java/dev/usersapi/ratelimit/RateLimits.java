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
 * Counts requests against the limits of callers, client addresses, logins and mails. Each count adds
 * {@code RateLimit-Policy} and {@code RateLimit} (draft-ietf-httpapi-ratelimit-headers-10) to the response. Above the limit,
 * the request is refused with 429.
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

    /** Counts a request of an authenticated caller. */
    public void acquireForUser(String user, HttpServletResponse response) {
        acquire(new Limit("user", properties.user(), user), response);
    }

    /** Counts a request without valid credentials against its client address. */
    public void acquireForAddress(HttpServletRequest request, HttpServletResponse response) {
        acquire(addressLimit(request), response);
    }

    /** Takes back the count of {@link #acquireForAddress}, because the credentials have proved valid. */
    public void refundAddress(HttpServletRequest request) {
        if (properties.enabled()) {
            buckets.refund(addressLimit(request));
        }
    }

    private Limit addressLimit(HttpServletRequest request) {
        return new Limit("address", properties.address(), ClientAddress.network(request));
    }

    /** Counts a login from a client address for an e-mail address. */
    public void acquireForLogin(String email, HttpServletRequest request, HttpServletResponse response) {
        acquireForAccount("login", email, request, response);
    }

    /**
     * Counts a request from a client address that sends a mail. The limit is that of logins.
     *
     * @param account the e-mail address that receives the mail, or the id of its user
     */
    public void acquireForMail(String account, HttpServletRequest request, HttpServletResponse response) {
        acquireForAccount("mail", account, request, response);
    }

    private void acquireForAccount(
            String policy, String account, HttpServletRequest request, HttpServletResponse response) {
        // texts too long for an e-mail address share a bucket, because their keys would fill the memory
        String key = account.length() > 254 ? "" : account.toLowerCase(Locale.ROOT);
        acquire(new Limit(policy, properties.login(), ClientAddress.network(request) + " " + key), response);
    }

    private void acquire(Limit limit, HttpServletResponse response) {
        if (!properties.enabled()) {
            return;
        }
        ConsumptionProbe probe = buckets.tryConsume(limit);
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
