package dev.usersapi.password;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Logins of users whose passwords were hashed by another system. */
@ApiTest
@ExtendWith(OutputCaptureExtension.class)
class ImportedHashIT {

    private static final String PASSWORD = "Zo\u00eb's password";
    private static final String BCRYPT = "$2b$04$2vgffnGO7Cj/XJMLtDycleFCOy3iL/2tNAuKBosbdkMln9cq79fuC";

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    private String createUser(String hash) {
        String email = api.newAccount("member");
        database.sql("update users set password_hash = ?, updated_at = '2024-01-01T00:00:00Z' where email = ?")
                .params(hash, email)
                .update();
        return email;
    }

    private Map<String, Object> findRow(String email) {
        return database.sql("select password_hash, updated_at, version from users where email = ?")
                .param(email)
                .query()
                .singleRow();
    }

    private Answer login(String email, String password) {
        return api.anonymous().post("/api/v1/auth/login", Map.of("email", email, "password", password));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$2y$05$W3AozkExyM0h2pa2T321ku9Aex5HEaFN4X4UxCdTUtz0WmW3cSyPm",
                "$argon2id$v=19$m=1024,t=3,p=2$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
                "$scrypt$ln=16,r=8,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo",
                "pbkdf2_sha256$1500$seasalt2seasalt2seasal$GLBXdN39+2JyvV/P76pTy3Yfe2fqMiQ8gohUin2sKew="
            })
    void firstLoginReplacesTheImportedHash(String hash) {
        String email = createUser(hash);
        Map<String, Object> before = findRow(email);
        assertThat(login(email, "wrong").code()).isEqualTo("invalid_credentials");
        assertThat(findRow(email)).isEqualTo(before);

        Answer first = login(email, PASSWORD);

        assertThat(first.status()).isEqualTo(200);
        Map<String, Object> after = findRow(email);
        assertThat(String.valueOf(after.get("password_hash"))).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(after.get("updated_at")).isEqualTo(before.get("updated_at"));
        Client session = api.as(first.data());
        assertThat(session.get("/api/v1/users/me").status()).isEqualTo(200);
        assertThat(login(email, PASSWORD).status()).isEqualTo(200);
        assertThat(findRow(email)).as("replaced only once").isEqualTo(after);
        assertThat(session.get("/api/v1/users/me").status()).isEqualTo(200);
    }

    @Test
    void afterTheFirstLoginThePasswordMatchesInAnyUnicodeForm() {
        String email = createUser(BCRYPT);
        assertThat(login(email, PASSWORD).status()).isEqualTo(401);

        assertThat(login(email, "Zoe\u0308's password").status()).isEqualTo(200);

        assertThat(login(email, PASSWORD).status()).isEqualTo(200);
        assertThat(login(email, "Zoe\u0308's password").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-", "Zo\u00eb's password", "$2b$31$2vgffnGO7Cj/XJMLtDycleFCOy3iL/2tNAuKBosbdkMln9cq79fuC"})
    void loginAnswers401WhenTheStoredTextIsNotAHash(String hash) {
        String email = createUser(hash);

        assertThat(login(email, PASSWORD).code()).isEqualTo("invalid_credentials");
        assertThat(findRow(email)).containsEntry("password_hash", hash);
    }

    @Test
    void aHashThatCannotBeVerifiedIsLoggedOnce(CapturedOutput output) {
        String email = createUser("$2b$31$2vgffnGO7Cj/XJMLtDycleFCOy3iL/2tNAuKBosbdkMln9cq79fuC");
        String id = api.admin()
                .get("/api/v1/users?email=" + email)
                .data()
                .at("/0/id")
                .stringValue();

        assertThat(login(email, PASSWORD).status()).isEqualTo(401);
        assertThat(login(email, PASSWORD).status()).isEqualTo(401);

        assertThat(output.toString().lines().filter(line -> line.contains("cannot log in")))
                .singleElement()
                .asString()
                .contains(" WARN ", "User " + id + " cannot log in", "USERS_PASSWORD_MAX_HASH_WORK")
                .doesNotContain(email, "2vgffnGO7");
    }

    /** The query for operators returns the same reasons as the service. */
    @Test
    void theQueryListsUsersWhoseHashCannotBeVerified(@Autowired JdbcConnectionDetails server) throws IOException {
        String query = Files.readString(Path.of("src/deploy/postgresql/unusable-hashes.sql"));
        Map<String, String> reasons = new HashMap<>();
        HashSamples.reasons().forEach((hash, reason) -> reasons.put(createUser(hash), reason));
        String valid = api.newAccount("member");

        Map<String, String> listed = new HashMap<>();
        // without the timeouts of the service, because the query takes seconds on a busy machine
        JdbcClient operator = JdbcClient.create(new DriverManagerDataSource(
                server.getJdbcUrl(), String.valueOf(server.getUsername()), String.valueOf(server.getPassword())));
        operator.sql(query)
                .query((row, n) -> listed.put(row.getString("email"), row.getString("reason")))
                .list();

        assertThat(listed).doesNotContainKey(valid);
        reasons.forEach(
                (email, reason) -> assertThat(listed.getOrDefault(email, "")).isEqualTo(reason));
    }

    @Test
    void loginAnswers401WhenTheUserHasNoPassword() {
        String email = createUser(BCRYPT);
        database.sql("update users set password_hash = null where email = ?")
                .param(email)
                .update();

        assertThat(login(email, "null").code()).isEqualTo("invalid_credentials");
    }
}
