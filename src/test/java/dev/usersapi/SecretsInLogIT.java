package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.Authenticator;
import dev.usersapi.support.RawHttp;
import dev.usersapi.support.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The log of a service with default settings contains none of the secrets that were sent to it, in valid requests and in
 * requests with all kinds of faults.
 */
public class SecretsInLogIT {

    private static final Pattern TOKEN = Pattern.compile("lt_[A-Za-z0-9_-]{43}");

    @TempDir
    private Path directory;

    private final List<String> secrets = new ArrayList<>();

    private String secret(String text) {
        secrets.add(text);
        return text;
    }

    /** A new text that must not appear in the log. */
    private String newSecret() {
        return secret("secret-" + UUID.randomUUID());
    }

    private String member(Answer answer, String name) {
        assertThat(answer.status()).as(answer.text()).isBetween(200, 201);
        return secret(answer.data().get(name).stringValue());
    }

    @Test
    void logContainsNoSecret() {
        Path data = directory.resolve("data");
        Map<String, String> settings =
                Map.of("USERS_ADMIN_PASSWORD", Api.PASSWORD, "SERVER_FORWARD_HEADERS_STRATEGY", "native");
        try (ServiceProcess service = ServiceProcess.start(data, settings)) {
            secrets.add(Api.PASSWORD);
            Api api = service.api();
            Mails mails = new Mails(data.resolve("mail"), new HashSet<>());
            String email = Api.newEmail();

            Client user = useAccount(api, email, mails);
            useSecondFactor(api, user, email);
            useApiKey(api.admin());
            sendFaultyRequests(api, service.port(), user, email);
            service.stop();

            assertThat(secrets).hasSizeGreaterThan(30).doesNotHaveDuplicates();
            assertThat(service.log())
                    .contains("Mail invitation")
                    .doesNotContain(secrets)
                    .doesNotContain("$argon2id$");
        }
    }

    private Client useAccount(Api api, String email, Mails mails) {
        String first = newSecret();
        api.admin().post("/api/v1/users", Map.of("email", email, "name", "Ann", "password", newSecret()));
        Answer activated = api.anonymous()
                .post("/api/v1/auth/activate", Map.of("token", secret(mails.nextToken()), "password", first));
        assertThat(activated.status()).as(activated.text()).isEqualTo(204);
        api.anonymous().post("/api/v1/auth/password/forgot", Map.of("email", email));
        String second = newSecret();
        Answer reset = api.anonymous()
                .post("/api/v1/auth/password/reset", Map.of("token", secret(mails.nextToken()), "password", second));
        assertThat(reset.status()).as(reset.text()).isEqualTo(204);

        Answer login = api.anonymous().post("/api/v1/auth/login", Map.of("email", email, "password", second));
        Answer refreshed =
                api.anonymous().post("/api/v1/auth/refresh", Map.of("refresh_token", member(login, "refresh_token")));
        secret(login.data().get("access_token").stringValue());
        member(refreshed, "refresh_token");
        member(refreshed, "access_token");
        Client user = api.as(refreshed.data());
        String third = newSecret();
        assertThat(user.put("/api/v1/users/me/password", Map.of("current_password", second, "new_password", third))
                        .status())
                .isEqualTo(204);
        assertThat(user.post("/api/v1/users/me/email", Map.of("email", Api.newEmail(), "password", third))
                        .status())
                .isEqualTo(202);
        secret(mails.nextToken()); // not used
        user.post("/api/v1/users/me/email", Map.of("email", email, "password", newSecret()));
        user.put("/api/v1/users/me/password", Map.of("current_password", third, "new_password", Api.PASSWORD));
        return user;
    }

    private void useSecondFactor(Api api, Client user, String email) {
        Answer enrolled = user.post("/api/v1/users/me/totp", Map.of("password", Api.PASSWORD));
        Authenticator app = new Authenticator(member(enrolled, "secret"));
        Answer confirmed = user.post("/api/v1/users/me/totp/confirm", Map.of("code", app.code()));
        assertThat(confirmed.status()).as(confirmed.text()).isEqualTo(200);
        List<String> codes = confirmed
                .data()
                .get("recovery_codes")
                .valueStream()
                .map(code -> secret(code.stringValue()))
                .toList();
        Map<String, String> login = Map.of("email", email, "password", Api.PASSWORD, "code", codes.get(0));
        secret(codes.get(0).replace("-", ""));
        Answer answer = api.anonymous().post("/api/v1/auth/login", login);
        member(answer, "access_token");
        member(answer, "refresh_token");
        assertThat(api.anonymous().post("/api/v1/auth/login", login).status()).isEqualTo(401);
        user.post("/api/v1/users/me/totp/disable", Map.of("password", newSecret(), "code", codes.get(1)));
        user.post("/api/v1/users/me/totp/disable", Map.of("password", Api.PASSWORD, "code", newSecret()));
    }

    private void useApiKey(Client admin) {
        secret(admin.token());
        Answer created = admin.with("Idempotency-Key", newSecret())
                .post("/api/v1/api-keys", Map.of("name", "N", "permissions", List.of("users:read")));
        Client program = admin.with("Authorization", "Bearer " + member(created, "key"));
        assertThat(program.get("/api/v1/users").status()).isEqualTo(200);
        admin.delete("/api/v1/api-keys/" + created.data().get("id").stringValue());
        assertThat(program.get("/api/v1/users").status()).isEqualTo(401);
        admin.send("POST", "/api/v1/signing-keys");
    }

    private void sendFaultyRequests(Api api, int port, Client user, String email) {
        Client nobody = api.anonymous();
        String login = "/api/v1/auth/login";
        nobody.post(login, Map.of("email", email, "password", newSecret()));
        nobody.post(
                login,
                Map.of("email", newSecret(), "password", newSecret())); // the password in the field of the e-mail
        nobody.post(login, Map.of("email", email, "password", List.of(newSecret())));
        nobody.post(login, Map.of("email", email, "password", newSecret(), newSecret(), 1));
        nobody.post("/api/v1/auth/refresh", Map.of("refresh_token", newSecret()));
        nobody.post("/api/v1/auth/activate", Map.of("token", newSecret(), "password", newSecret()));
        nobody.post("/api/v1/auth/password/reset", Map.of("token", newSecret(), "password", newSecret()));
        nobody.post("/api/v1/auth/email/confirm", Map.of("token", newSecret()));
        nobody.send("POST", login, "{\"password\":\"" + newSecret());
        nobody.send("POST", login, "{\"password\":" + newSecret() + "}");
        nobody.send("POST", login, "\"" + newSecret() + "\"");
        nobody.send("POST", login, "{\"password\":\"" + newSecret() + "\\ud800\"}");
        nobody.sendBytes("POST", login, ("{\"password\":\"\u00ff" + newSecret()).getBytes(StandardCharsets.ISO_8859_1));
        nobody.with("Content-Type", "text/plain").send("POST", login, newSecret());
        nobody.with("Content-Type", newSecret()).send("POST", login, "{}");
        nobody.with("Accept", newSecret()).get("/api/v1/users/me");
        nobody.with("Cookie", newSecret() + "=" + newSecret() + "; =").get("/api/v1/users/me");
        for (String scheme : List.of("Bearer ", "Basic ", "")) {
            nobody.with("Authorization", scheme + newSecret()).get("/api/v1/users/me");
        }
        nobody.get("/" + newSecret());
        nobody.get("/api/v1/users?access_token=" + newSecret());
        nobody.send("POST", login + "?password=" + newSecret(), "{}");
        user.get("/api/v1/users/" + newSecret());
        user.with("If-Match", newSecret()).patch("/api/v1/users/me", Map.of("name", "N"));
        user.with("Idempotency-Key", newSecret() + ",").post("/api/v1/api-keys", Map.of("name", "N"));
        api.admin().post("/api/v1/users", Map.of("email", email, "name", "N", "password", newSecret())); // taken
        String end = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        RawHttp.send(port, "GET /%zz?access_token=" + newSecret() + end);
        RawHttp.send(port, "GET /" + newSecret() + "\u0001" + end);
        RawHttp.send(port, newSecret() + " /" + end);
        RawHttp.send(port, "GET / HTTP/1.1\r\nHost: " + newSecret() + " x\r\nConnection: close\r\n\r\n");
        RawHttp.send(port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + newSecret() + "\u0001: x\r\n\r\n");
        RawHttp.send(
                port,
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: "
                        + newSecret().repeat(500) + "\r\n\r\n");
        RawHttp.send(
                port,
                "POST " + login + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + newSecret()
                        + "\r\n\r\n");
    }

    /** The directory to which the service writes mails. */
    private record Mails(Path directory, Set<Path> read) {

        String nextToken() {
            return await("mail with a token")
                    .atMost(java.time.Duration.ofSeconds(30))
                    .until(this::token, token -> !token.isEmpty());
        }

        private String token() {
            if (!Files.exists(directory)) {
                return "";
            }
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file :
                        files.filter(file -> !read.contains(file)).sorted().toList()) {
                    String text = Files.readString(file);
                    if (text.contains("--\r\n")) { // the file is complete
                        read.add(file);
                    }
                    Matcher token = TOKEN.matcher(text);
                    if (token.find()) {
                        read.add(file);
                        return token.group();
                    }
                }
                return "";
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
