package dev.usersapi;

import static java.util.Locale.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.RoundTrips;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Requests use the database as little as possible: a read takes one round trip, a refused request none. */
@ApiTest
class RoundTripIT {

    @Autowired
    private Api api;

    @Autowired
    private RoundTrips database;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/me",
                "/me/totp",
                "",
                "?page=2&limit=1",
                "?status=active,pending&role=admin,member",
                "?cursor=&sort=name",
                "?email=admin@example.com",
                "?q=example",
                "/me/sessions",
                "?created_after=2024-01-01T00:00:00Z&last_login_before=2030-01-01T00:00:00Z"
            })
    void readTakesOneRoundTrip(String query) {
        Client admin = api.newUser("admin");
        admin.get("/api/v1/users"
                + query); // from now on the permissions of the session and the names of the roles are cached
        database.take();

        assertThat(admin.get("/api/v1/users" + query).status()).isEqualTo(200);

        assertThat(database.take()).singleElement().asString().startsWith("prepareStatement");
    }

    @Test
    void readWithCurrentTagTakesOneRoundTrip() {
        Client admin = api.newUser("admin");
        String tag = String.valueOf(admin.get("/api/v1/users/me").header("ETag"));
        database.take();

        assertThat(admin.with("If-None-Match", tag).get("/api/v1/users/me").status())
                .isEqualTo(304);

        assertThat(database.take()).singleElement().asString().startsWith("prepareStatement");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/users/me", "/api/v1/users", "/api/v1/roles", "/api/v1/roles/member"})
    void readWithApiKeyTakesOneRoundTrip(String path) {
        Client program = api.program(api.newUser("viewer"), "users:read");
        program.get(path); // from now on the key and its permissions are cached
        database.take();

        assertThat(program.get(path).status()).isEqualTo(200);

        assertThat(database.take()).singleElement().asString().startsWith("prepareStatement");
    }

    @Test
    void unknownApiKeyTakesOneRoundTripAndMalformedOneTakesNone() {
        String key = "uak_kQLhR_B0U-n8aUuSkFI1ICBTHAKTB5_XyrN0AT-bamE_f377e27a";
        Client thief = api.anonymous();
        database.take();
        for (String mistyped : new String[] {
            "uak_", "uak_x", key.replace("kQ", "Qk"), key.substring(0, key.length() - 1) + "0", key.toUpperCase(ROOT)
        }) {
            assertThat(thief.with("Authorization", "Bearer " + mistyped)
                            .get("/api/v1/users/me")
                            .status())
                    .isEqualTo(401);
        }
        assertThat(database.take()).isEmpty();

        for (int n = 0; n < 3; n++) {
            assertThat(thief.with("Authorization", "Bearer " + key)
                            .get("/api/v1/users/me")
                            .status())
                    .isEqualTo(401);
            assertThat(database.take()).singleElement().asString().startsWith("prepareStatement");
        }
    }

    /** Reads the owner, the session (with a lock), the token and the user; writes the new token, the old one, the session. */
    @Test
    void refreshTakesSevenStatements() {
        String email = api.newAccount("member");
        Client client = api.anonymous();
        Object token = client.post("/api/v1/auth/login", Map.of("email", email, "password", Api.PASSWORD))
                .data()
                .get("refresh_token");
        database.take();

        assertThat(client.post("/api/v1/auth/refresh", Map.of("refresh_token", token))
                        .status())
                .isEqualTo(200);

        assertThat(database.take())
                .filteredOn(statement -> statement.startsWith("prepareStatement"))
                .hasSize(7);
    }

    @Test
    void refusedRequestTakesNoRoundTrip() {
        Client member = api.newUser("member");
        member.get("/api/v1/users/me");
        database.take();

        assertThat(member.get("/api/v1/users").status()).isEqualTo(403);
        assertThat(api.anonymous().get("/api/v1/users").status()).isEqualTo(401);
        assertThat(api.anonymous()
                        .with("Authorization", "Bearer forged")
                        .get("/api/v1/users")
                        .status())
                .isEqualTo(401);

        assertThat(database.take()).isEmpty();
    }

    @Test
    void loginTakesTwoRoundTripsForFailedLogins() {
        String email = api.newAccount("member");
        database.take();

        assertThat(login(email, "wrong").status()).isEqualTo(401);
        assertThat(database.take()).hasSize(3).first().asString().contains("failed_logins");

        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(200);
        assertThat(database.take().stream().filter(statement -> statement.contains("failed_logins")))
                .hasSize(2);
    }

    private Answer login(String email, String password) {
        return api.anonymous().post("/api/v1/auth/login", Map.of("email", email, "password", password));
    }
}
