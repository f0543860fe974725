package dev.usersapi.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.BlockingTransaction;
import dev.usersapi.support.RawHttp;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Requests that create something and repeat their {@code Idempotency-Key}. */
@ApiTest
class IdempotencyIT {

    private static final String USERS = "/api/v1/users";
    private static final String ROLES = "/api/v1/roles";
    private static final String API_KEYS = "/api/v1/api-keys";
    private static final String SIGNING_KEYS = "/api/v1/signing-keys";

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @Autowired
    private JdbcConnectionDetails server;

    private Client admin;
    private String key = "";
    private String email = "";
    private Map<String, Object> body = Map.of();

    @BeforeEach
    void chooseKey() {
        admin = api.newUser("admin");
        key = UUID.randomUUID().toString();
        email = Api.newEmail();
        body = Map.of("email", email, "name", "Ann Example", "password", Api.PASSWORD);
    }

    private Client withKey(Client client) {
        return client.with("Idempotency-Key", key);
    }

    private int users() {
        return database.sql("select count(*) from users where email = ?")
                .param(email)
                .query(Integer.class)
                .single();
    }

    private static void assertCreated(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.header("Idempotency-Replayed")).isNull();
    }

    private static void assertReplayed(Answer answer, Answer first) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(answer.body()).isEqualTo(first.body());
        assertThat(answer.header("Location")).isEqualTo(first.header("Location"));
        assertThat(answer.header("Content-Type")).isEqualTo(first.header("Content-Type"));
        assertThat(answer.header("X-Request-Id")).isNotNull().isNotEqualTo(first.header("X-Request-Id"));
    }

    private static void assertRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
    }

    @Test
    void retryReplaysTheFirstResponse() {
        Answer first = withKey(admin).post(USERS, body);
        assertCreated(first);

        assertReplayed(withKey(admin).post(USERS, body), first);
        assertReplayed(admin.with("Idempotency-Key", '"' + key + '"').post(USERS, body), first);

        Map<String, Object> reordered = new LinkedHashMap<>();
        List.of("password", "name", "email").forEach(member -> reordered.put(member, body.get(member)));
        assertReplayed(withKey(admin).send("POST", USERS, " " + Api.JSON.writeValueAsString(reordered)), first);
        assertReplayed(sendWithEncodedPath("/api/v1/user%73"), first);
        assertThat(users()).isEqualTo(1);
        assertThat(database.sql(
                                "select count(*) from account_actions l join users u on u.id = l.user_id where u.email = ?")
                        .param(email)
                        .query(Integer.class)
                        .single())
                .as("invitations")
                .isEqualTo(1);
    }

    private Answer sendWithEncodedPath(String path) {
        String json = Api.JSON.writeValueAsString(body);
        return RawHttp.send(
                api.port(),
                "POST " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer " + admin.token()
                        + "\r\nIdempotency-Key: " + key + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + json.length() + "\r\n\r\n" + json);
    }

    @Test
    void retryReplaysTheFirstResponseAfterTheUserWasChangedOrDeleted() {
        Answer first = withKey(admin).post(USERS, body);
        String user = USERS + "/" + first.data().get("id").stringValue();

        assertThat(admin.put(user, Map.of("name", "Other")).status()).isEqualTo(200);
        assertReplayed(withKey(admin).post(USERS, body), first);
        assertThat(admin.delete(user).status()).isEqualTo(200);
        assertReplayed(withKey(admin).post(USERS, body), first);
        assertThat(users()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "password", "settings"})
    void reuseWithAnotherBodyIsRefused(String member) {
        Map<String, Object> settings = Map.of("colour", Map.of("a", "1", "b", "2"));
        Map<String, Object> sent = new LinkedHashMap<>(body);
        sent.put("settings", settings);
        Answer first = withKey(admin).post(USERS, sent);
        Map<String, Object> other = new LinkedHashMap<>(sent);
        other.put(member, member.equals("settings") ? Map.of("colour", "blue") : "something-else");

        Answer refused = withKey(admin).post(USERS, other);

        assertRefused(refused, 422, "idempotency_key_reused");
        assertThat(refused.body().get("title").stringValue()).isEqualTo("Unprocessable Content");
        assertReplayed(withKey(admin).post(USERS, sent), first);
    }

    @Test
    void keysAreSeparateForEachCallerAndPath() {
        assertCreated(withKey(admin).post(USERS, body));

        assertRefused(withKey(api.newUser("admin")).post(USERS, body), 409, "email_taken");
        assertRefused(withKey(api.program(admin, "users:write", "users:read")).post(USERS, body), 409, "email_taken");
        assertCreated(withKey(admin).post(ROLES, Map.of("name", "role-" + UUID.randomUUID())));
    }

    @Test
    void sessionsOfAUserShareTheirKeys() {
        String name = Api.newEmail();
        api.activate(api.create("admin", name));

        Answer first = withKey(api.login(name, Api.PASSWORD)).post(USERS, body);

        assertReplayed(withKey(api.login(name, Api.PASSWORD)).post(USERS, body), first);
    }

    @Test
    void refusedRequestLeavesItsKeyUnused() {
        assertRefused(withKey(admin).post(USERS, Map.of("email", email)), 400, "invalid_request");
        assertRefused(withKey(api.newUser("viewer")).post(USERS, body), 403, "insufficient_permissions");
        String taken = api.create("member", email);
        assertRefused(withKey(admin).post(USERS, body), 409, "email_taken");
        assertThat(admin.delete(USERS + "/" + taken).status()).isEqualTo(200);

        Answer first = withKey(admin).post(USERS, body);
        assertCreated(first);
        assertReplayed(withKey(admin).post(USERS, body), first);
    }

    @Test
    void storedResponseThatWasTamperedWithIsIgnored() {
        String name = "role-" + UUID.randomUUID();
        assertCreated(withKey(admin).post(ROLES, Map.of("name", name)));
        database.sql("update idempotency_keys set answer = '\\x00'").update();

        assertRefused(withKey(admin).post(ROLES, Map.of("name", name)), 409, "role_taken");
    }

    @Test
    void retryIsRefusedAfterTheCallerLostThePermission() {
        Client writer = api.newUser("editor");
        assertCreated(withKey(writer).post(USERS, body));
        assertThat(admin.put(USERS + "/" + writer.id(), Map.of("role", "viewer"))
                        .status())
                .isEqualTo(200);

        assertRefused(withKey(writer).post(USERS, body), 403, "insufficient_permissions");
    }

    @Test
    void retryIsRefusedAfterTheCallerLostAPermissionThatTheRequestGrants() {
        String role = api.newRole("api_keys:read", "roles:write", "users:read", "users:write");
        Client writer = api.newUser(role);
        String granted = api.newRole("api_keys:read");
        Map<String, Object> user = Map.of("email", email, "name", "Ann Example", "role", granted);
        Map<String, Object> other =
                Map.of("name", "role-" + UUID.randomUUID(), "permissions", List.of("api_keys:read"));
        Map<String, Object> apiKey = Map.of("name", "A program", "permissions", List.of("api_keys:read"));
        assertCreated(withKey(writer).post(USERS, user));
        assertCreated(withKey(writer).post(ROLES, other));
        assertCreated(withKey(writer).post(API_KEYS, apiKey));
        assertThat(api.admin()
                        .put(ROLES + "/" + role, Map.of("permissions", List.of("roles:write", "users:write")))
                        .status())
                .isEqualTo(200);

        assertRefused(withKey(writer).post(USERS, user), 403, "insufficient_permissions");
        assertRefused(withKey(writer).post(ROLES, other), 403, "insufficient_permissions");
        assertRefused(withKey(writer).post(API_KEYS, apiKey), 403, "insufficient_permissions");
    }

    @Test
    void fiftySimultaneousRequestsWithOneKeyCreateOneUser() throws Exception {
        int requests = 50;
        ExecutorService threads = Executors.newFixedThreadPool(requests);
        try {
            CyclicBarrier barrier = new CyclicBarrier(requests);
            List<Future<Answer>> running = new ArrayList<>();
            for (int i = 0; i < requests; i++) {
                running.add(threads.submit(() -> {
                    barrier.await();
                    return withKey(admin).post(USERS, body);
                }));
            }
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> answer : running) {
                answers.add(answer.get());
            }

            assertThat(answers).extracting(Answer::status).containsOnly(201, 409);
            Answer first = answers.stream()
                    .filter(answer -> answer.status() == 201 && answer.header("Idempotency-Replayed") == null)
                    .findFirst()
                    .orElseThrow();
            answers.remove(first);
            for (Answer answer : answers) {
                if (answer.status() == 201) {
                    assertReplayed(answer, first);
                } else {
                    assertRefused(answer, 409, "idempotency_key_in_use");
                    assertThat(answer.header("Retry-After")).isEqualTo("1");
                }
            }
            assertThat(users()).isEqualTo(1);
            assertReplayed(withKey(admin).post(USERS, body), first);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void retryIsRefusedWhileTheFirstRequestRuns() throws Exception {
        String role = api.newRole();
        Map<String, Object> sent = Map.of("email", email, "name", "Ann Example", "role", role);
        CompletableFuture<Answer> first;
        try (BlockingTransaction blocker = new BlockingTransaction(server)) {
            blocker.run("delete from roles where name = ?", role);
            first = CompletableFuture.supplyAsync(() -> withKey(admin).post(USERS, sent));
            blocker.awaitBlockedSession();

            assertRefused(withKey(admin).post(USERS, sent), 409, "idempotency_key_in_use");
        }
        assertCreated(first.join());
        assertReplayed(withKey(admin).post(USERS, sent), first.join());
    }

    @Test
    void lostConnectionDuringTheChangeLeavesNeitherUserNorKey() throws Exception {
        String role = api.newRole();
        Map<String, Object> sent = Map.of("email", email, "name", "Ann Example", "role", role);
        try (BlockingTransaction blocker = new BlockingTransaction(server)) {
            blocker.run("delete from roles where name = ?", role);
            CompletableFuture<Answer> first =
                    CompletableFuture.supplyAsync(() -> withKey(admin).post(USERS, sent));
            blocker.terminateBlockedSessions();

            assertRefused(first.join(), 503, "database_unavailable");
        }
        assertThat(users()).isZero();

        Answer second = withKey(admin).post(USERS, sent);
        assertCreated(second);
        assertReplayed(withKey(admin).post(USERS, sent), second);
    }

    @Test
    void rolesAreCreatedOnce() {
        Map<String, Object> role = Map.of("name", "role-" + UUID.randomUUID(), "permissions", List.of("users:read"));
        Answer first = withKey(admin).post(ROLES, role);
        assertCreated(first);

        assertReplayed(withKey(admin).post(ROLES, role), first);
        assertRefused(admin.post(ROLES, role), 409, "role_taken");
        assertRefused(
                withKey(admin).post(ROLES, Map.of("name", "role-" + UUID.randomUUID())), 422, "idempotency_key_reused");
    }

    @Test
    void apiKeysAreCreatedOnceAndTheirSecretIsStoredEncrypted() {
        Map<String, Object> apiKey = Map.of("name", "Nightly report", "permissions", List.of("users:read"));
        Answer first = withKey(admin).post(API_KEYS, apiKey);
        assertCreated(first);

        Answer again = withKey(admin).post(API_KEYS, apiKey);

        assertReplayed(again, first);
        assertThat(admin.get(API_KEYS).data()).hasSize(1);
        String secret = again.data().get("key").stringValue();
        assertThat(admin.with("Authorization", "Bearer " + secret).get(USERS).status())
                .isEqualTo(200);
        assertThat(storedRows()).doesNotContain(secret, secret.substring(4, 20), "Nightly report", key);
    }

    @Test
    void passwordAndUserAreStoredEncrypted() {
        assertCreated(withKey(admin).post(USERS, body));

        assertThat(storedRows()).doesNotContain(Api.PASSWORD, email, key, admin.id());
    }

    /** All rows as text: the bytes as they are, and in hexadecimal. */
    private String storedRows() {
        List<byte[]> values = database.sql("select id || answer from idempotency_keys")
                .query(byte[].class)
                .list();
        assertThat(values).isNotEmpty();
        StringBuilder all = new StringBuilder();
        values.forEach(value -> all.append(new String(value, StandardCharsets.ISO_8859_1)));
        database.sql("select t::text from idempotency_keys t")
                .query(String.class)
                .list()
                .forEach(all::append);
        return all.toString();
    }

    @Test
    void signingKeysAreCreatedOnce() {
        deleteNextSigningKey();
        Answer first = withKey(admin).send("POST", SIGNING_KEYS);
        assertCreated(first);

        assertReplayed(withKey(admin).send("POST", SIGNING_KEYS), first);
        assertRefused(admin.send("POST", SIGNING_KEYS), 409, "next_signing_key_exists");
        assertThat(api.anonymous().get("/.well-known/jwks.json").text())
                .contains(first.data().get("kid").stringValue());
        deleteNextSigningKey();
    }

    private void deleteNextSigningKey() {
        admin.get(SIGNING_KEYS)
                .data()
                .valueStream()
                .filter(signingKey -> signingKey.get("state").stringValue().equals("next"))
                .forEach(signingKey ->
                        admin.delete(SIGNING_KEYS + "/" + signingKey.get("kid").stringValue()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"two words", "\"open", "a,b", "\"a\";b=1", "\"\"", "back\\slash"})
    void malformedKeyIsRefused(String malformed) {
        for (String path : List.of(USERS, ROLES, API_KEYS, SIGNING_KEYS)) {
            Answer answer = admin.with("Idempotency-Key", malformed)
                    .post(path, path.equals(USERS) ? body : Map.of("name", "role-" + UUID.randomUUID()));
            assertRefused(answer, 400, "invalid_request");
            assertThat(answer.body().at("/errors/0/header").stringValue()).isEqualTo("Idempotency-Key");
            assertThat(answer.body().at("/errors/0/code").stringValue()).isEqualTo("invalid_value");
        }
        assertThat(users()).isZero();
    }

    @Test
    void keyHasOneTo255CharactersAndIsSentOnce() {
        assertRefused(admin.with("Idempotency-Key", "k".repeat(256)).post(USERS, body), 400, "invalid_request");
        for (String fields : List.of("Idempotency-Key:\r\n", "Idempotency-Key: a\r\nIdempotency-Key: a\r\n")) {
            Answer answer = RawHttp.send(
                    api.port(),
                    "POST " + ROLES + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                            + admin.token() + "\r\n" + fields
                            + "Content-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"name\":\"role-x\"}");
            assertRefused(answer, 400, "invalid_request");
        }

        assertCreated(admin.with("Idempotency-Key", "k".repeat(255)).post(USERS, body));
    }
}
