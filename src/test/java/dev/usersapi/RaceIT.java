package dev.usersapi;

import static dev.usersapi.support.Api.uuid;
import static dev.usersapi.support.Race.together;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Authenticator;
import dev.usersapi.support.BlockingTransaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Concurrent requests. {@link Race} starts each set of them at the same moment. */
@ApiTest
class RaceIT {

    private static final int CLIENTS = 8;

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @Autowired
    private JdbcConnectionDetails connection;

    @RepeatedTest(3)
    void createSucceedsOnceWhenManyRequestsUseTheSameEmail() throws Exception {
        String email = Api.newEmail();
        Map<String, String> body = Map.of("email", email, "name", "N", "password", Api.PASSWORD);

        List<Answer> answers = together(CLIENTS, n -> api.admin().post("/api/v1/users", body));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(201).containsOnly(201, 409);
        assertThat(database.sql("select count(*) from users where email = ?")
                        .param(email)
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
    }

    /**
     * The passwords differ, so that each is hashed. Repeats the requests if they fail: a busy machine may need more than
     * two seconds to compute 20 hashes.
     */
    @Test
    void createSucceedsForTwentyUsersAtTheSameTime() {
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            List<Answer> answers = together(20, n -> {
                Map<String, String> body = Map.of("email", Api.newEmail(), "name", "N", "password", Api.PASSWORD + n);
                return api.admin().post("/api/v1/users", body);
            });
            assertThat(answers).extracting(Answer::status).containsOnly(201);
        });
    }

    @Test
    void requestAnswers503AndChangesNothingWhenItsRowIsLockedForTooLong() throws Exception {
        String email = Api.newEmail();
        String id = api.create("member", email);
        String path = "/api/v1/users/" + id;
        api.activate(id);
        Map<String, String> credentials = Map.of("email", email, "password", Api.PASSWORD);
        List<Callable<Answer>> calls = List.of(
                () -> api.admin().put(path, Map.of("name", "Late")),
                () -> api.admin().patch(path, Map.of("name", "Late")),
                () -> api.admin().delete(path),
                () -> api.anonymous().post("/api/v1/auth/login", credentials));
        try (BlockingTransaction other = new BlockingTransaction(connection)) {
            other.run("update users set name = 'Other' where id = ?", uuid(id));

            for (Answer refused : together(calls)) {
                assertThat(refused.status()).as(refused.text()).isEqualTo(503);
                assertThat(refused.code()).isEqualTo("busy");
                assertThat(refused.header("Retry-After")).isEqualTo("1");
            }

            assertThat(other.isBlocking()).isFalse();
            assertThat(api.admin().get(path).status())
                    .as("a read during the lock")
                    .isEqualTo(200);
        }
        assertThat(api.admin().get(path).data().get("name").stringValue()).isEqualTo("Ann Example");
        assertThat(api.anonymous().post("/api/v1/auth/login", credentials).status())
                .isEqualTo(200);
    }

    @RepeatedTest(3)
    void updateSucceedsOnceWhenManyUsersTakeTheSameEmail() throws Exception {
        String email = Api.newEmail();
        List<Callable<Answer>> calls = IntStream.range(0, CLIENTS)
                .mapToObj(n -> api.create("member"))
                .<Callable<Answer>>map(id -> () -> api.admin().put("/api/v1/users/" + id, Map.of("email", email)))
                .toList();

        assertThat(together(calls))
                .extracting(Answer::status)
                .containsOnlyOnce(200)
                .containsOnly(200, 409);
    }

    /** A deadlock would block two connections for a second. */
    @Test
    void updatesThatSwapTwoEmailsCauseNeitherDeadlockNor500(@Autowired JdbcClient database) throws Exception {
        long before = deadlocks(database);
        for (int round = 0; round < 5; round++) {
            String one = Api.newEmail();
            String other = Api.newEmail();
            String oneId = api.create("member", one);
            String otherId = api.create("member", other);

            List<Answer> answers = together(List.of(
                    () -> api.admin().put("/api/v1/users/" + oneId, Map.of("email", other)),
                    () -> api.admin().put("/api/v1/users/" + otherId, Map.of("email", one))));

            assertThat(answers).extracting(Answer::status).isSubsetOf(200, 409).contains(409);
        }
        assertThat(deadlocks(database)).isEqualTo(before);
    }

    private static long deadlocks(JdbcClient database) {
        return database.sql("select deadlocks from pg_stat_database where datname = current_database()")
                .query(Long.class)
                .single();
    }

    @RepeatedTest(3)
    void deleteSucceedsOnceWhenSentManyTimes() throws Exception {
        String path = "/api/v1/users/" + api.create("member");

        List<Answer> answers = together(CLIENTS, n -> api.admin().delete(path));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(200).containsOnly(200, 404);
    }

    @Test
    void updatesOfOneUserAllSucceedOneAfterTheOther() throws Exception {
        String path = "/api/v1/users/" + api.create("member");

        List<Answer> answers = together(CLIENTS, n -> api.admin().put(path, Map.of("name", "Name " + n)));

        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(answers)
                .extracting(answer -> answer.data().get("name"))
                .contains(api.admin().get(path).data().get("name"));
    }

    @RepeatedTest(3)
    void changeSucceedsOnceWhenManyRequestsSendTheSameIfMatch() throws Exception {
        String path = "/api/v1/users/" + api.create("member");
        Client editor = api.admin()
                .with("If-Match", String.valueOf(api.admin().get(path).header("ETag")));
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int n = 0; n < CLIENTS / 2; n++) {
            Map<String, String> body = Map.of("name", "Name " + n);
            calls.add(() -> editor.put(path, body));
            calls.add(() -> editor.patch(path, body));
        }
        calls.add(() -> editor.delete(path));

        List<Answer> answers = together(calls);

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(200).isSubsetOf(200, 412, 404);
        boolean deleted = answers.get(CLIENTS).status() == 200;
        assertThat(api.admin().get(path).status()).isEqualTo(deleted ? 404 : 200);
    }

    @Test
    void updateAndDeleteOfOneUserAnswerNo500() throws Exception {
        String path = "/api/v1/users/" + api.create("member");

        List<Answer> answers = together(List.of(
                () -> api.admin().put(path, Map.of("name", "N")),
                () -> api.admin().delete(path),
                () -> api.admin().put(path, Map.of("status", "active"))));

        assertThat(answers).extracting(Answer::status).isSubsetOf(200, 404).contains(200);
    }

    /** Runs the test while these two users are the only active admins. */
    private void withOnlyAdmins(Client one, Client other, Callable<Void> test) throws Exception {
        UUID[] others = database.sql(
                        "select id from users where role = 'admin' and status = 'active'" + " and id not in (?, ?)")
                .params(uuid(one), uuid(other))
                .query(UUID.class)
                .list()
                .toArray(new UUID[0]);
        setStatus(others, "inactive");
        try {
            test.call();
        } finally {
            setStatus(others, "active");
        }
    }

    private void setStatus(UUID[] ids, String status) {
        database.sql("update users set status = ? where id = any(?)")
                .params(status, ids)
                .update();
    }

    @RepeatedTest(3)
    void oneAdminRemainsWhenTwoDemoteAndDeleteEachOther() throws Exception {
        Client one = api.newUser("admin");
        Client other = api.newUser("admin");

        withOnlyAdmins(one, other, () -> {
            List<Answer> answers = together(List.of(
                    () -> one.put("/api/v1/users/" + other.id(), Map.of("role", "member")),
                    () -> other.put("/api/v1/users/" + one.id(), Map.of("status", "inactive")),
                    () -> one.delete("/api/v1/users/" + other.id()),
                    () -> other.delete("/api/v1/users/" + one.id())));
            assertThat(answers).extracting(Answer::status).isSubsetOf(200, 401, 403, 404, 409);
            assertThat(database.sql("select count(*) from users where role = 'admin' and status = 'active'")
                            .query(Integer.class)
                            .single())
                    .isPositive();
            return null;
        });
    }

    @Test
    void lastActiveAdminCanBeNeitherDemotedNorDeactivatedNorDeleted() throws Exception {
        database.sql("insert into roles (name) values ('deputy') on conflict do nothing")
                .update();
        database.sql("insert into role_permissions select 'deputy', permission from role_permissions"
                        + " where role = 'admin' on conflict do nothing")
                .update();
        Client last = api.newUser("admin");
        Client deputy = api.newUser("deputy"); // has all permissions, but another role

        withOnlyAdmins(last, deputy, () -> {
            String path = "/api/v1/users/" + last.id();
            assertThat(deputy.put(path, Map.of("role", "member")).code()).isEqualTo("last_admin");
            assertThat(deputy.put(path, Map.of("status", "pending")).code()).isEqualTo("last_admin");
            assertThat(deputy.delete(path).code()).isEqualTo("last_admin");
            assertThat(deputy.put(path, Map.of("name", "Still here")).status()).isEqualTo(200);
            return null;
        });
    }

    private JsonNode newTokens() {
        String email = api.newAccount("member");
        return api.anonymous()
                .post("/api/v1/auth/login", Map.of("email", email, "password", Api.PASSWORD))
                .data();
    }

    private Callable<Answer> refresh(JsonNode tokens) {
        Map<String, String> body =
                Map.of("refresh_token", tokens.get("refresh_token").stringValue());
        return () -> api.anonymous().post("/api/v1/auth/refresh", body);
    }

    @RepeatedTest(3)
    void refreshTokenSentTwentyTimesAtOnceKeepsTheSession() throws Exception {
        List<Answer> answers = together(Collections.nCopies(20, refresh(newTokens())));

        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(answers)
                .extracting(answer -> answer.data().get("refresh_token").stringValue())
                .containsOnly(answers.get(0).data().get("refresh_token").stringValue());
        for (Answer answer : answers) {
            assertThat(api.as(answer.data()).get("/api/v1/users/me").status()).isEqualTo(200);
        }
        assertThat(refresh(answers.get(19).data()).call().status()).isEqualTo(200);
    }

    @RepeatedTest(3)
    void refreshesAndEndsOfAllSessionsAnswerNo500() throws Exception {
        String email = api.newAccount("member");
        List<JsonNode> logins = IntStream.range(0, 4)
                .mapToObj(n -> api.anonymous()
                        .post("/api/v1/auth/login", Map.of("email", email, "password", Api.PASSWORD))
                        .data())
                .toList();
        List<Callable<Answer>> calls = new ArrayList<>();
        for (JsonNode tokens : logins) {
            calls.add(() -> api.as(tokens).delete("/api/v1/users/me/sessions"));
            calls.add(refresh(tokens));
        }

        assertThat(together(calls)).extracting(Answer::status).isSubsetOf(200, 204, 401);
    }

    @RepeatedTest(3)
    void refreshAndLogoutOfOneSessionAnswerNo500() throws Exception {
        JsonNode tokens = newTokens();
        Client user = api.as(tokens);

        List<Answer> answers =
                together(List.of(refresh(tokens), () -> user.send("POST", "/api/v1/auth/logout"), refresh(tokens)));

        assertThat(answers).extracting(Answer::status).isSubsetOf(200, 204, 401);
    }

    @RepeatedTest(3)
    void createRoleSucceedsOnceWhenManyRequestsUseTheSameName() throws Exception {
        Map<String, String> body = Map.of("name", "role-" + UUID.randomUUID());

        List<Answer> answers = together(CLIENTS, n -> api.admin().post("/api/v1/roles", body));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(201).containsOnly(201, 409);
    }

    @Test
    void createKeyAllowsHundredKeysWhenManyRequestsCompete() throws Exception {
        Client owner = api.newUser("member");
        database.sql("insert into api_keys (id, user_id, hash, name, prefix, permissions, created_at)"
                        + " select gen_random_uuid(), ?, uuid_send(gen_random_uuid()), 'N', 'uak_00000000', '{}', now()"
                        + " from generate_series(1, 97)")
                .param(uuid(owner))
                .update();

        List<Answer> answers = together(CLIENTS, n -> owner.post("/api/v1/api-keys", Map.of("name", "N")));

        assertThat(answers).extracting(Answer::status).containsOnly(201, 409);
        assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(3);
    }

    @RepeatedTest(3)
    void deleteKeySucceedsOnceWhenSentManyTimes() throws Exception {
        Client owner = api.newUser("member");
        String id = owner.post("/api/v1/api-keys", Map.of("name", "N"))
                .data()
                .get("id")
                .stringValue();

        List<Answer> answers = together(CLIENTS, n -> owner.delete("/api/v1/api-keys/" + id));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(204).containsOnly(204, 404);
    }

    @Test
    void otherRequestsSucceedDuringAFloodOfLogins() throws Exception {
        Client admin = api.admin(); // logs in before the flood
        ExecutorService flood = Executors.newFixedThreadPool(150);
        try {
            List<Future<Answer>> logins = new ArrayList<>();
            for (int i = 0; i < 150; i++) { // more than can wait for a hash, each of another password
                Client client = api.anonymous();
                Map<String, String> body = Map.of(
                        "email", Api.newEmail(), "password", UUID.randomUUID().toString());
                logins.add(flood.submit(() -> client.post("/api/v1/auth/login", body)));
            }
            assertThat(admin.get("/api/v1/users/me").status()).isEqualTo(200);
            List<Integer> statuses = new ArrayList<>();
            for (Future<Answer> login : logins) {
                Answer answer = login.get();
                statuses.add(answer.status());
                if (answer.status() == 503) {
                    assertThat(answer.code()).isEqualTo("busy");
                    assertThat(answer.header("Retry-After")).isEqualTo("1");
                }
            }
            assertThat(statuses).containsOnly(401, 503);
        } finally {
            flood.shutdownNow();
        }
    }

    @Test
    void codeWorksOnceWhenManyLoginsSendIt() throws Exception {
        String email = api.newAccount("member");
        Client user = api.login(email, Api.PASSWORD);
        String path = "/api/v1/users/me/totp";
        Authenticator app = new Authenticator(user.post(path, Map.of("password", Api.PASSWORD))
                .data()
                .get("secret")
                .stringValue());
        Map<String, String> first = Map.of("code", app.code());

        // as many as can fail from one address without a delay
        List<Answer> confirmed = together(4, n -> user.post(path + "/confirm", first));

        assertThat(confirmed).extracting(Answer::status).containsOnlyOnce(200).containsOnly(200, 409);
        JsonNode recoveryCode = confirmed.stream()
                .filter(answer -> answer.status() == 200)
                .map(answer -> answer.data().at("/recovery_codes/0"))
                .findAny()
                .orElseThrow();
        for (String code : List.of(app.code(1), recoveryCode.stringValue())) {
            Map<String, String> login = Map.of("email", email, "password", Api.PASSWORD, "code", code);
            assertThat(together(CLIENTS, n -> api.anonymous().post("/api/v1/auth/login", login)))
                    .extracting(Answer::status)
                    .containsOnlyOnce(200)
                    .containsOnly(200, 401);
        }
    }
}
