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

/** Creations that are sent again with their {@code Idempotency-Key}. */
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

    private Client keyed(Client client) {
        return client.with("Idempotency-Key", key);
    }

    private int users() {
        return database.sql("select count(*) from users where email = ?")
                .param(email)
                .query(Integer.class)
                .single();
    }

    private static void isFirst(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.header("Idempotency-Replayed")).isNull();
    }

    private static void repeats(Answer answer, Answer first) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(answer.body()).isEqualTo(first.body());
        assertThat(answer.header("Location")).isEqualTo(first.header("Location"));
        assertThat(answer.header("Content-Type")).isEqualTo(first.header("Content-Type"));
        assertThat(answer.header("X-Request-Id")).isNotNull().isNotEqualTo(first.header("X-Request-Id"));
    }

    private static void isRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
    }

    @Test
    void retryIsAnsweredAsTheFirstTime() {
        Answer first = keyed(admin).post(USERS, body);
        isFirst(first);

        repeats(keyed(admin).post(USERS, body), first);
        repeats(admin.with("Idempotency-Key", '"' + key + '"').post(USERS, body), first);

        Map<String, Object> reordered = new LinkedHashMap<>();
        List.of("password", "name", "email").forEach(member -> reordered.put(member, body.get(member)));
        repeats(keyed(admin).send("POST", USERS, " " + Api.JSON.writeValueAsString(reordered)), first);
        repeats(sendWithPathSpeltAs("/api/v1/user%73"), first);
        assertThat(users()).isEqualTo(1);
        assertThat(database.sql(
                                "select count(*) from account_actions l join users u on u.id = l.user_id where u.email = ?")
                        .param(email)
                        .query(Integer.class)
                        .single())
                .as("invitations")
                .isEqualTo(1);
    }

    private Answer sendWithPathSpeltAs(String path) {
        String json = Api.JSON.writeValueAsString(body);
        return RawHttp.send(
                api.port(),
                "POST " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer " + admin.token()
                        + "\r\nIdempotency-Key: " + key + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + json.length() + "\r\n\r\n" + json);
    }

    @Test
    void retryIsAnsweredAlsoWhenTheUserHasChangedOrIsGone() {
        Answer first = keyed(admin).post(USERS, body);
        String user = USERS + "/" + first.data().get("id").stringValue();

        assertThat(admin.put(user, Map.of("name", "Other")).status()).isEqualTo(200);
        repeats(keyed(admin).post(USERS, body), first);
        assertThat(admin.delete(user).status()).isEqualTo(200);
        repeats(keyed(admin).post(USERS, body), first);
        assertThat(users()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "password", "settings"})
    void anotherBodyIsRefused(String member) {
        Map<String, Object> settings = Map.of("colour", Map.of("a", "1", "b", "2"));
        Map<String, Object> sent = new LinkedHashMap<>(body);
        sent.put("settings", settings);
        Answer first = keyed(admin).post(USERS, sent);
        Map<String, Object> other = new LinkedHashMap<>(sent);
        other.put(member, member.equals("settings") ? Map.of("colour", "blue") : "something-else");

        Answer refused = keyed(admin).post(USERS, other);

        isRefused(refused, 422, "idempotency_key_reused");
        assertThat(refused.body().get("title").stringValue()).isEqualTo("Unprocessable Content");
        repeats(keyed(admin).post(USERS, sent), first);
    }

    @Test
    void callersAndPathsHaveKeysOfTheirOwn() {
        isFirst(keyed(admin).post(USERS, body));

        isRefused(keyed(api.newUser("admin")).post(USERS, body), 409, "email_taken");
        isRefused(keyed(api.program(admin, "users:write", "users:read")).post(USERS, body), 409, "email_taken");
        isFirst(keyed(admin).post(ROLES, Map.of("name", "role-" + UUID.randomUUID())));
    }

    @Test
    void sessionsOfAUserShareTheirKeys() {
        String name = Api.newEmail();
        api.activate(api.create("admin", name));

        Answer first = keyed(api.login(name, Api.PASSWORD)).post(USERS, body);

        repeats(keyed(api.login(name, Api.PASSWORD)).post(USERS, body), first);
    }

    @Test
    void refusedRequestLeavesItsKeyFree() {
        isRefused(keyed(admin).post(USERS, Map.of("email", email)), 400, "invalid_request");
        isRefused(keyed(api.newUser("viewer")).post(USERS, body), 403, "insufficient_permissions");
        String taken = api.create("member", email);
        isRefused(keyed(admin).post(USERS, body), 409, "email_taken");
        assertThat(admin.delete(USERS + "/" + taken).status()).isEqualTo(200);

        Answer first = keyed(admin).post(USERS, body);
        isFirst(first);
        repeats(keyed(admin).post(USERS, body), first);
    }

    @Test
    void answerThatSqlChangedIsNoAnswer() {
        String name = "role-" + UUID.randomUUID();
        isFirst(keyed(admin).post(ROLES, Map.of("name", name)));
        database.sql("update idempotency_keys set answer = '\\x00'").update();

        isRefused(keyed(admin).post(ROLES, Map.of("name", name)), 409, "role_taken");
    }

    @Test
    void lostRightIsAskedForAgain() {
        Client writer = api.newUser("editor");
        isFirst(keyed(writer).post(USERS, body));
        assertThat(admin.put(USERS + "/" + writer.id(), Map.of("role", "viewer"))
                        .status())
                .isEqualTo(200);

        isRefused(keyed(writer).post(USERS, body), 403, "insufficient_permissions");
    }

    @Test
    void lostRightToGrantIsAskedForAgain() {
        String role = api.newRole("api_keys:read", "roles:write", "users:read", "users:write");
        Client writer = api.newUser(role);
        String granted = api.newRole("api_keys:read");
        Map<String, Object> user = Map.of("email", email, "name", "Ann Example", "role", granted);
        Map<String, Object> other =
                Map.of("name", "role-" + UUID.randomUUID(), "permissions", List.of("api_keys:read"));
        Map<String, Object> program = Map.of("name", "A program", "permissions", List.of("api_keys:read"));
        isFirst(keyed(writer).post(USERS, user));
        isFirst(keyed(writer).post(ROLES, other));
        isFirst(keyed(writer).post(API_KEYS, program));
        assertThat(api.admin()
                        .put(ROLES + "/" + role, Map.of("permissions", List.of("roles:write", "users:write")))
                        .status())
                .isEqualTo(200);

        isRefused(keyed(writer).post(USERS, user), 403, "insufficient_permissions");
        isRefused(keyed(writer).post(ROLES, other), 403, "insufficient_permissions");
        isRefused(keyed(writer).post(API_KEYS, program), 403, "insufficient_permissions");
    }

    @Test
    void fiftySendsOfOneKeyCreateOneUser() throws Exception {
        int sends = 50;
        ExecutorService threads = Executors.newFixedThreadPool(sends);
        try {
            CyclicBarrier barrier = new CyclicBarrier(sends);
            List<Future<Answer>> running = new ArrayList<>();
            for (int i = 0; i < sends; i++) {
                running.add(threads.submit(() -> {
                    barrier.await();
                    return keyed(admin).post(USERS, body);
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
                    repeats(answer, first);
                } else {
                    isRefused(answer, 409, "idempotency_key_in_use");
                    assertThat(answer.header("Retry-After")).isEqualTo("1");
                }
            }
            assertThat(users()).isEqualTo(1);
            repeats(keyed(admin).post(USERS, body), first);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void retryIsRefusedWhileTheFirstRequestRuns() throws Exception {
        String role = api.newRole();
        Map<String, Object> sent = Map.of("email", email, "name", "Ann Example", "role", role);
        CompletableFuture<Answer> first;
        try (BlockingTransaction held = new BlockingTransaction(server)) {
            held.run("delete from roles where name = ?", role);
            first = CompletableFuture.supplyAsync(() -> keyed(admin).post(USERS, sent));
            held.awaitBlockedSession();

            isRefused(keyed(admin).post(USERS, sent), 409, "idempotency_key_in_use");
        }
        isFirst(first.join());
        repeats(keyed(admin).post(USERS, sent), first.join());
    }

    @Test
    void crashAmidTheChangeLeavesNeitherUserNorKey() throws Exception {
        String role = api.newRole();
        Map<String, Object> sent = Map.of("email", email, "name", "Ann Example", "role", role);
        try (BlockingTransaction held = new BlockingTransaction(server)) {
            held.run("delete from roles where name = ?", role);
            CompletableFuture<Answer> first =
                    CompletableFuture.supplyAsync(() -> keyed(admin).post(USERS, sent));
            held.terminateBlockedSessions();

            isRefused(first.join(), 503, "database_unavailable");
        }
        assertThat(users()).isZero();

        Answer second = keyed(admin).post(USERS, sent);
        isFirst(second);
        repeats(keyed(admin).post(USERS, sent), second);
    }

    @Test
    void rolesAreCreatedOnce() {
        Map<String, Object> role = Map.of("name", "role-" + UUID.randomUUID(), "permissions", List.of("users:read"));
        Answer first = keyed(admin).post(ROLES, role);
        isFirst(first);

        repeats(keyed(admin).post(ROLES, role), first);
        isRefused(admin.post(ROLES, role), 409, "role_taken");
        isRefused(keyed(admin).post(ROLES, Map.of("name", "role-" + UUID.randomUUID())), 422, "idempotency_key_reused");
    }

    @Test
    void apiKeysAreCreatedOnceAndTheirSecretIsNotKeptInClear() {
        Map<String, Object> program = Map.of("name", "Nightly report", "permissions", List.of("users:read"));
        Answer first = keyed(admin).post(API_KEYS, program);
        isFirst(first);

        Answer again = keyed(admin).post(API_KEYS, program);

        repeats(again, first);
        assertThat(admin.get(API_KEYS).data()).hasSize(1);
        String secret = again.data().get("key").stringValue();
        assertThat(admin.with("Authorization", "Bearer " + secret).get(USERS).status())
                .isEqualTo(200);
        assertThat(everythingStored()).doesNotContain(secret, secret.substring(4, 20), "Nightly report", key);
    }

    @Test
    void neitherPasswordNorUserIsKeptInClear() {
        isFirst(keyed(admin).post(USERS, body));

        assertThat(everythingStored()).doesNotContain(Api.PASSWORD, email, key, admin.id());
    }

    /** Each row as text, its bytes once as they are and once in hexadecimal. */
    private String everythingStored() {
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
    void signingKeysAreMadeOnce() {
        deleteNextSigningKey();
        Answer first = keyed(admin).send("POST", SIGNING_KEYS);
        isFirst(first);

        repeats(keyed(admin).send("POST", SIGNING_KEYS), first);
        isRefused(admin.send("POST", SIGNING_KEYS), 409, "next_signing_key_exists");
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
            isRefused(answer, 400, "invalid_request");
            assertThat(answer.body().at("/errors/0/header").stringValue()).isEqualTo("Idempotency-Key");
            assertThat(answer.body().at("/errors/0/code").stringValue()).isEqualTo("invalid_value");
        }
        assertThat(users()).isZero();
    }

    @Test
    void keyOf255CharactersIsTakenAndALongerOneOrAnEmptyOneOrTwoAreNot() {
        isRefused(admin.with("Idempotency-Key", "k".repeat(256)).post(USERS, body), 400, "invalid_request");
        for (String fields : List.of("Idempotency-Key:\r\n", "Idempotency-Key: a\r\nIdempotency-Key: a\r\n")) {
            Answer answer = RawHttp.send(
                    api.port(),
                    "POST " + ROLES + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                            + admin.token() + "\r\n" + fields
                            + "Content-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"name\":\"role-x\"}");
            isRefused(answer, 400, "invalid_request");
        }

        isFirst(admin.with("Idempotency-Key", "k".repeat(255)).post(USERS, body));
    }
}
