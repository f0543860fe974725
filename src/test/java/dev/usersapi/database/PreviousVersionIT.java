package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ServiceProcess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * An instance of the previous version continues to work beside an instance of this version, which has migrated the schema,
 * and can be started again afterwards. {@code -Dprevious.jar=…} names the jar of the previous version, which {@code ./mvnw
 * package -DskipTests} builds from its commit. Versions before the first release had other migrations and do not qualify.
 */
@EnabledIfSystemProperty(named = "previous.jar", matches = ".+", disabledReason = "no -Dprevious.jar=…")
class PreviousVersionIT {

    private static final Path PREVIOUS = Path.of(System.getProperty("previous.jar", ""));

    @TempDir
    private Path directory;

    @Test
    void previousVersionWorksBesideThisOneOnTheMigratedSchema() {
        Map<String, String> settings =
                Map.of("USERS_ADMIN_PASSWORD", Api.PASSWORD, "USERS_RATE_LIMIT_ENABLED", "false");
        try (ServiceProcess previous =
                ServiceProcess.startPackaged(PREVIOUS, directory.resolve("previous"), settings)) {
            Client loggedInBefore = work(previous.api());
            Map<String, String> shared = Map.of(
                    "SPRING_DATASOURCE_URL",
                    previous.databaseUrl(),
                    "SPRING_DATASOURCE_USERNAME",
                    "postgres",
                    "SPRING_DATASOURCE_PASSWORD",
                    previous.databasePassword(),
                    "USERS_RATE_LIMIT_ENABLED",
                    "false");
            try (ServiceProcess next = ServiceProcess.start(directory.resolve("next"), shared)) {
                assertThat(next.log()).contains("migrations were applied");
                assertThat(loggedInBefore.get("/api/v1/users/me").status()).isEqualTo(200);
                Client ofPrevious = work(previous.api());
                Client ofNext = work(next.api());
                assertThat(at(next, ofPrevious).get("/api/v1/users/me").status())
                        .isEqualTo(200);
                assertThat(at(previous, ofNext).get("/api/v1/users/me").status())
                        .isEqualTo(200);

                try (ServiceProcess back = ServiceProcess.startPackaged(PREVIOUS, directory.resolve("back"), shared)) {
                    work(back.api());
                }
                work(next.api());
                assertThat(previous.log() + next.log()).doesNotContain(" ERROR ");
            }
        }
    }

    private static Client at(ServiceProcess service, Client user) {
        return service.api().anonymous().with("Authorization", "Bearer " + user.token());
    }

    /** Creates, reads, changes and deletes something of each kind. Returns a user who is logged in. */
    private static Client work(Api api) {
        Client admin = api.admin();
        String email = api.newAccount("editor");
        assertThat(api.anonymous()
                        .post("/api/v1/auth/login", Map.of("email", email, "password", "wrong"))
                        .status())
                .isEqualTo(401);
        Answer login = api.anonymous().post("/api/v1/auth/login", Map.of("email", email, "password", Api.PASSWORD));
        assertThat(login.status()).as(login.text()).isEqualTo(200);
        Map<String, String> refresh =
                Map.of("refresh_token", login.data().get("refresh_token").stringValue());
        Answer refreshed = api.anonymous().post("/api/v1/auth/refresh", refresh);
        assertThat(refreshed.status()).as(refreshed.text()).isEqualTo(200);
        Client user = api.as(refreshed.data());
        String path = "/api/v1/users/" + user.id();

        is(200, user.put("/api/v1/users/me", Map.of("name", "Renamed", "settings", Map.of("theme", "dark"))));
        is(200, admin.get("/api/v1/users?q=Renamed&sort=-last_login"));
        is(202, user.post("/api/v1/users/me/email", Map.of("email", Api.newEmail(), "password", Api.PASSWORD)));
        is(202, api.anonymous().post("/api/v1/auth/password/forgot", Map.of("email", email)));
        is(202, admin.send("POST", "/api/v1/users/" + api.create("member") + "/invitation"));
        is(200, user.post("/api/v1/users/me/totp", Map.of("password", Api.PASSWORD)));
        is(204, admin.delete(path + "/totp"));
        is(200, admin.get(path + "/failed-logins"));
        is(204, admin.delete(path + "/failed-logins"));
        is(200, api.program(user, "users:read").get("/api/v1/users"));
        String role = api.newRole("users:read");
        is(200, admin.put("/api/v1/roles/" + role, Map.of("description", "Changed")));
        is(204, admin.delete("/api/v1/roles/" + role));
        is(200, admin.get(path + "/sessions"));
        is(204, user.delete("/api/v1/users/me/sessions"));
        is(200, admin.get("/api/v1/signing-keys"));
        is(200, admin.delete("/api/v1/users/" + api.create("member")));
        return user;
    }

    private static void is(int status, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    }
}
