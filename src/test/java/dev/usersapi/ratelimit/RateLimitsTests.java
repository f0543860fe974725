package dev.usersapi.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.error.StartupRefusedException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class RateLimitsTests {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final RateLimits limits = limits(true);

    private RateLimits limits(boolean enabled) {
        return new RateLimits(new RateLimitProperties(enabled, 3, 2, 1, "", 1000), meters, new LocalBuckets(1000));
    }

    private static MockHttpServletRequest from(String address) {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/api/v1/users");
        request.setRemoteAddr(address);
        return request;
    }

    private void acquireForAddress(String address) {
        limits.acquireForAddress(from(address), new MockHttpServletResponse());
    }

    private void assertRefused(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.RATE_LIMITED));
    }

    @Test
    void headerFieldsCountDownAndARefusalHasRetryAfter() {
        for (int left = 2; left >= 0; left--) {
            MockHttpServletResponse response = new MockHttpServletResponse();
            limits.acquireForUser("ann", response);
            assertThat(response.getHeader("RateLimit-Policy")).isEqualTo("\"user\";q=3;w=60");
            assertThat(response.getHeader("RateLimit")).isEqualTo("\"user\";r=" + left + ";t=" + 20 * (3 - left));
            assertThat(response.getHeader("Retry-After")).isNull();
        }
        MockHttpServletResponse refused = new MockHttpServletResponse();
        assertRefused(() -> limits.acquireForUser("ann", refused));
        assertThat(refused.getHeader("RateLimit")).isEqualTo("\"user\";r=0;t=20");
        assertThat(refused.getHeader("Retry-After")).isEqualTo("20");
        assertThat(meters.get("users.rate.limit.refused")
                        .tag("policy", "user")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void callersAndPoliciesDoNotShareBuckets() {
        limits.acquireForLogin("ann@example.com", from("192.0.2.1"), new MockHttpServletResponse());

        assertThatCode(() -> {
                    limits.acquireForLogin("bob@example.com", from("192.0.2.1"), new MockHttpServletResponse());
                    limits.acquireForLogin("ann@example.com", from("192.0.2.2"), new MockHttpServletResponse());
                    limits.acquireForMail("ann@example.com", from("192.0.2.1"), new MockHttpServletResponse());
                    limits.acquireForUser("ann@example.com", new MockHttpServletResponse());
                    acquireForAddress("192.0.2.1");
                })
                .doesNotThrowAnyException();
        assertRefused(
                () -> limits.acquireForLogin("ANN@example.com", from("192.0.2.1"), new MockHttpServletResponse()));
        assertRefused(() -> limits.acquireForMail("ANN@example.com", from("192.0.2.1"), new MockHttpServletResponse()));
    }

    @Test
    void refundReturnsOneToken() {
        acquireForAddress("192.0.2.1");
        acquireForAddress("192.0.2.1");
        limits.refundAddress(from("192.0.2.1"));
        limits.refundAddress(from("192.0.2.9"));

        acquireForAddress("192.0.2.1");
        assertRefused(() -> acquireForAddress("192.0.2.1"));
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:ffff::1, true",
        "2001:db8:1:2::1, 2001:db8:1:3::1, false",
        "::ffff:192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "junk:x, other:junk, true",
        "192.0.2.1:5555, 192.0.2.1, true",
        "192.0.2.1:5555, 192.0.2.2:5555, false",
    })
    void networkIsTheSameForAllAddressesOfAnIpv6Network(String one, String other, boolean same) {
        assertThat(ClientAddress.network(from(one)).equals(ClientAddress.network(from(other))))
                .isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8::6, 2001:db8:0:0:0:0:0:6",
        "[2001:DB8::6], 2001:db8:0:0:0:0:0:6",
        "fe80::1%1, fe80:0:0:0:0:0:0:1",
        "::ffff:192.0.2.1, 192.0.2.1",
        "192.0.2.1:5555, 192.0.2.1",
        "[2001:db8::6]:5555, unknown",
        "junk:x, unknown",
        "junk, junk"
    })
    void fullReturnsACanonicalAddress(String address, String whole) {
        assertThat(ClientAddress.full(from(address))).isEqualTo(whole);
    }

    @Test
    void addressesHaveABoundedLength() {
        assertThat(ClientAddress.network(from("x".repeat(10_000)))).hasSize(64);
        assertThat(ClientAddress.network(from("x:" + "1".repeat(10_000)))).isEqualTo("unknown");
    }

    @Test
    void numberOfBucketsInMemoryIsBounded() {
        LocalBuckets buckets = new LocalBuckets(1000);
        for (int n = 0; n < 50_000; n++) {
            buckets.tryConsume(new Limit("address", 2, "192.0.2." + n));
        }

        assertThat(buckets.size()).isLessThanOrEqualTo(1000);
    }

    @Test
    void filterCountsAgainstCallerOrAddressAndIgnoresHealthChecks() throws ServletException, IOException {
        RateLimitFilter filter = new RateLimitFilter(limits);
        MockHttpServletRequest known = from("192.0.2.1");
        known.setUserPrincipal(() -> "ann");
        MockHttpServletRequest health = new MockHttpServletRequest("GET", "/prefix/actuator/health/readiness");
        health.setContextPath("/prefix");
        health.setServletPath("/actuator/health/readiness");

        assertThat(policyOf(filter, known)).startsWith("\"user\"");
        assertThat(policyOf(filter, from("192.0.2.1"))).startsWith("\"address\"");
        assertThat(policyOf(filter, health)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:6379",
                "http://localhost",
                "redis://",
                "redis://:secret@",
                "redis://secret word@localhost",
                "redis://localhost:port/secret",
                "redis-sentinel://localhost/0#secret"
            })
    void invalidRedisUrlIsRefusedAndNotShown(String url) {
        assertThatThrownBy(() -> new RateLimitProperties(true, 3, 2, 1, url, 1000))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageStartingWith("USERS_RATE_LIMIT_REDIS_URL is not a Redis URL")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://localhost",
                "redis://:secret@redis.example.com:6380/2",
                "rediss://user:secret@[2001:db8::1]:6380"
            })
    void redisUrlMayHaveTlsAndPassword(String url) {
        assertThatCode(() -> new RateLimitProperties(true, 3, 2, 1, url, 1000)).doesNotThrowAnyException();
    }

    private static @org.jspecify.annotations.Nullable String policyOf(
            RateLimitFilter filter, MockHttpServletRequest request) throws ServletException, IOException {
        MockHttpServletResponse response = new MockHttpServletResponse();
        MockFilterChain chain = new MockFilterChain();
        filter.doFilter(request, response, chain);
        assertThat(chain.getRequest()).isNotNull();
        return response.getHeader("RateLimit");
    }

    @Test
    void disabledLimitsRefuseNothing() {
        RateLimits off = limits(false);
        MockHttpServletResponse response = new MockHttpServletResponse();

        for (int n = 0; n < 4; n++) {
            off.acquireForUser("ann", response);
            off.refundAddress(from("192.0.2.1"));
        }

        assertThat(response.getHeaderNames()).isEmpty();
    }
}
