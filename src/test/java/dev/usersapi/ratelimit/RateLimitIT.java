package dev.usersapi.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The rate limits with their default values. */
@ApiTest
public class RateLimitIT {

    private static final String ME = "/api/v1/users/me";

    @Autowired
    private Api api;

    /** Calls until the limit refuses. That is a little above the quota, because the bucket refills meanwhile. */
    private static Answer exhaust(int quota, IntFunction<Answer> call) {
        for (int n = 1; n <= 2 * quota; n++) {
            Answer answer = call.apply(n);
            if (answer.status() == 429 && answer.code().equals("rate_limited")) { // and not too_many_attempts
                assertThat(n).isGreaterThan(quota);
                return answer;
            }
        }
        throw new AssertionError("No limit after " + 2 * quota + " calls");
    }

    public static void assertRateLimited(Answer answer, String policy, int quota) {
        assertThat(answer.code()).isEqualTo("rate_limited");
        assertThat(answer.body().get("title").stringValue()).isEqualTo("Too Many Requests");
        assertThat(answer.body().get("detail").stringValue()).isEqualTo("Rate limit exceeded");
        assertThat(answer.headers().allValues("RateLimit-Policy")).contains("\"" + policy + "\";q=" + quota + ";w=60");
        String limit = answer.headers().allValues("RateLimit").stream()
                .filter(value -> value.startsWith("\"" + policy + "\""))
                .findFirst()
                .orElseThrow();
        assertThat(limit).matches("\"" + policy + "\";r=0;t=[1-9][0-9]*");
        long t = Long.parseLong(limit.replaceFirst(".*t=", ""));
        assertThat(Long.parseLong(String.valueOf(answer.header("Retry-After")))).isGreaterThanOrEqualTo(t);
    }

    @Test
    void eachCallerHasALimit() {
        Client user = api.newUser("member");

        Answer first = user.get(ME);
        assertThat(first.header("RateLimit-Policy")).isEqualTo("\"user\";q=1000;w=60");
        assertThat(first.header("RateLimit")).matches("\"user\";r=999;t=1");
        assertRateLimited(exhaust(1000, n -> user.get(ME)), "user", 1000);
        assertThat(api.newUser("member").get(ME).status()).isEqualTo(200);
    }

    @Test
    void requestsWithoutCredentialsAreLimitedByAddressAndThoseOfUsersAreNot() {
        Client anonymous = api.anonymous();
        Client user = anonymous.with("Authorization", "Bearer " + api.admin().token());

        assertRateLimited(exhaust(300, n -> anonymous.get(ME)), "address", 300);

        assertThat(anonymous.get("/actuator/health").header("RateLimit")).isNull();
        assertThat(anonymous.get("/actuator/health").status()).isEqualTo(200);
        assertThat(user.get(ME).status()).isEqualTo(200);
        assertThat(api.anonymous().get(ME).status()).isEqualTo(401);
    }

    @Test
    void requestsWithInvalidTokensCountAgainstTheAddress() {
        Client client = api.anonymous().with("Authorization", "Bearer forged");

        assertRateLimited(exhaust(300, n -> client.get(ME)), "address", 300);
    }

    @Test
    void loginsAreLimitedByAddressAndEmail() {
        Client anonymous = api.anonymous();
        String email = Api.newEmail();

        Answer refused =
                exhaust(10, n -> login(anonymous, n % 2 == 0 ? email.toUpperCase(Locale.ROOT) : "\u00a0" + email));

        assertRateLimited(refused, "login", 10);
        assertThat(login(anonymous, Api.newEmail()).status()).isEqualTo(401);
        assertThat(login(api.anonymous(), email).status()).isEqualTo(401);
    }

    private static Answer login(Client client, String email) {
        return client.post("/api/v1/auth/login", Map.of("email", email, "password", "wrong"));
    }

    @Test
    void validLoginsAndRefreshesDoNotCountAgainstTheAddress() {
        Client anonymous = api.anonymous();
        String token = anonymous
                .post("/api/v1/auth/login", Map.of("email", "admin@example.com", "password", Api.PASSWORD))
                .data()
                .get("refresh_token")
                .stringValue();

        for (int n = 0; n < 20; n++) {
            Answer answer = anonymous.post("/api/v1/auth/refresh", Map.of("refresh_token", token));
            token = answer.data().get("refresh_token").stringValue();
            assertThat(answer.headers().allValues("RateLimit-Policy")).contains("\"user\";q=1000;w=60");
        }

        assertThat(anonymous.get("/problems/not-found").header("RateLimit")).matches("\"address\";r=299;t=1");
    }
}
