package dev.usersapi.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.MovableClock;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The endpoints of signing keys, in a service whose clock the test moves. */
@ApiTest
@Import(SigningKeyIT.Time.class)
public class SigningKeyIT {

    @TestConfiguration(proxyBeanMethods = false)
    static class Time {

        @Bean
        @Primary
        MovableClock movableClock() {
            return new MovableClock();
        }
    }

    private static final String KEYS = "/api/v1/signing-keys";

    @Autowired
    private Api api;

    @Autowired
    private MovableClock clock;

    @Autowired
    private JdbcClient database;

    private Client admin() {
        return api.login("admin@example.com", Api.PASSWORD);
    }

    private static String kid(Client client) {
        try {
            return SignedJWT.parse(client.token()).getHeader().getKeyID();
        } catch (ParseException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> states(Client admin) {
        return admin.get(KEYS)
                .data()
                .valueStream()
                .map(key -> key.get("state").stringValue())
                .toList();
    }

    private List<String> published() {
        return api.anonymous()
                .get("/.well-known/jwks.json")
                .body()
                .get("keys")
                .valueStream()
                .map(key -> key.get("kid").stringValue())
                .toList();
    }

    /** Moves the clock so that the newest key signs, and deletes all other keys. */
    @BeforeEach
    void removeAllButTheCurrentKey() {
        clock.advance(Duration.ofHours(1));
        Client admin = admin();
        admin.get(KEYS)
                .data()
                .valueStream()
                .filter(key -> !key.get("state").stringValue().equals("current"))
                .forEach(key -> assertThat(
                                admin.delete(KEYS + "/" + key.get("kid").stringValue())
                                        .status())
                        .isEqualTo(204));
        assertThat(states(admin)).containsExactly("current");
    }

    @Test
    void rotationKeepsIssuedTokensValid() {
        Client before = admin();
        Instant now = Instant.now(clock);

        Answer created = before.send("POST", KEYS);

        assertThat(created.status()).isEqualTo(201);
        String next = created.data().get("kid").stringValue();
        assertThat(created.data().get("state").stringValue()).isEqualTo("next");
        assertThat(Instant.parse(created.data().get("created_at").stringValue()))
                .isBetween(now.minusSeconds(1), now);
        assertThat(Instant.parse(created.data().get("signs_from").stringValue()))
                .isBetween(now.plusSeconds(599), now.plusSeconds(600));
        assertThat(created.data().get("retires_at").isNull()).isTrue();
        assertThat(published()).containsExactly(kid(before), next);
        assertThat(states(before)).containsExactly("current", "next");
        JsonNode retiring = before.get(KEYS).data().get(0).get("retires_at");
        assertThat(Instant.parse(retiring.stringValue())).isAfter(now.plusSeconds(600 + 900));
        assertThat(kid(admin())).as("the current key still signs").isEqualTo(kid(before));

        clock.advance(Duration.ofMinutes(10));
        Client after = admin();
        assertThat(kid(after)).isEqualTo(next);
        assertThat(states(after)).containsExactly("former", "current");
        assertThat(before.get("/api/v1/users/me").status()).isEqualTo(200);
        assertThat(published()).containsExactly(kid(before), next);
    }

    @Test
    void responsesContainNoPrivateKey() {
        Client admin = admin();
        String stored =
                database.sql("select jwk from signing_keys").query(String.class).single();
        String secret = Api.JSON.readTree(stored).get("d").stringValue();

        assertThat(admin.get(KEYS).text()).doesNotContain(secret, "\"d\"", "\"p\"");
        assertThat(api.anonymous().get("/.well-known/jwks.json").text()).doesNotContain(secret, "\"d\"", "\"p\"");
    }

    @Test
    void rotateAnswers409WhenThereIsANextKey() {
        Client admin = admin();
        assertThat(admin.send("POST", KEYS).status()).isEqualTo(201);

        Answer second = admin.send("POST", KEYS);

        assertThat(second.status()).isEqualTo(409);
        assertThat(second.code()).isEqualTo("next_signing_key_exists");
        assertThat(states(admin)).containsExactly("current", "next");
    }

    @Test
    void deleteReplacesTheCurrentKeyAndItsTokensAreRefused() {
        Client admin = admin();
        JsonNode tokens = api.anonymous()
                .post("/api/v1/auth/login", Map.of("email", "admin@example.com", "password", Api.PASSWORD))
                .data();
        String leaked = KEYS + "/" + kid(admin);
        assertThat(admin.delete(leaked).code()).isEqualTo("signing_key_in_use");
        String next = admin.send("POST", KEYS).data().get("kid").stringValue();

        assertThat(admin.delete(leaked).status()).isEqualTo(204);

        assertThat(admin.get("/api/v1/users/me").code()).isEqualTo("invalid_token");
        Answer refreshed = api.anonymous()
                .post(
                        "/api/v1/auth/refresh",
                        Map.of("refresh_token", tokens.get("refresh_token").stringValue()));
        Client again = api.as(refreshed.data());
        assertThat(kid(again)).isEqualTo(next);
        assertThat(again.get("/api/v1/users/me").status()).isEqualTo(200);
        assertThat(published()).containsExactly(next);
        assertThat(again.delete(leaked).code()).isEqualTo("signing_key_not_found");
    }

    @Test
    void deleteAnswers404ForAnUnknownKeyAndRequestsWithParametersAreRefused() {
        Client admin = admin();

        assertThat(admin.delete(KEYS + "/unknown").code()).isEqualTo("signing_key_not_found");
        assertThat(admin.delete(KEYS + "/%00%0A").status()).isEqualTo(404);
        assertThat(admin.get(KEYS + "?state=next").status()).isEqualTo(400);
        assertThat(admin.get(KEYS + "/" + kid(admin)).status()).isEqualTo(405);
    }

    @Test
    void tokenOfADeletedKeyIsRefusedAlthoughItsVerificationWasCached() {
        Client admin = admin();
        Client former = admin();
        assertThat(former.get("/api/v1/users/me").status()).isEqualTo(200);
        admin.send("POST", KEYS);
        clock.advance(Duration.ofMinutes(10));
        assertThat(former.get("/api/v1/users/me").status()).isEqualTo(200);

        admin().delete(KEYS + "/" + kid(former));

        assertThat(former.get("/api/v1/users/me").code()).isEqualTo("invalid_token");
    }
}
