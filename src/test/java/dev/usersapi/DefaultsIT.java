package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.ratelimit.RateLimitIT;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.ApiTest;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** The default settings, with which the service trusts no proxy and allows no origin. */
@ApiTest
@TestPropertySource(properties = {"server.forward-headers-strategy=none", "users.cors.allowed-origins="})
public class DefaultsIT {

    @Autowired
    private Api api;

    @Test
    void forwardingFieldsOfAClientDoNotChangeItsRateLimit() {
        String email = Api.newEmail();
        Answer answer = api.anonymous().get("/actuator/health");
        // the delay after failed logins answers 429 earlier, with another code
        for (int n = 0; n <= 12 && !answer.text().contains("rate_limited"); n++) {
            answer = api.anonymous()
                    .with("X-Forwarded-For", "203.0.113." + n)
                    .with("Forwarded", "for=203.0.113." + n)
                    .with("X-Real-IP", "203.0.113." + n)
                    .post("/api/v1/auth/login", Map.of("email", email, "password", "wrong"));
        }

        RateLimitIT.assertRateLimited(answer, "login", 10);
    }

    @Test
    void preflightIsRefusedForEveryOrigin() {
        Answer answer = api.anonymous()
                .with("Origin", "https://app.example.com")
                .with("Access-Control-Request-Method", "GET")
                .send("OPTIONS", "/api/v1/users");

        assertThat(answer.headers().map().keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"))
                .doesNotContain("Allow", "allow");
        assertThat(answer.code()).isEqualTo("origin_not_allowed");
    }

    @Test
    void publicKeysAreReadableFromEveryOrigin() {
        Answer answer =
                api.anonymous().with("Origin", "https://app.example.com").get("/.well-known/jwks.json");

        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
    }
}
