package dev.usersapi.apikey;

import static dev.usersapi.support.Api.faults;
import static dev.usersapi.support.Api.uuid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.BlockingTransaction;
import dev.usersapi.support.Mailbox;
import dev.usersapi.support.UnfinishedRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The endpoints of API keys, requests with keys, and attempts to gain permissions through them. */
@ApiTest
@ExtendWith(OutputCaptureExtension.class)
public class ApiKeyIT {

    private static final String KEYS = "/api/v1/api-keys";
    private static final String ME = "/api/v1/users/me";
    private static final String LIST = "/api/v1/users";

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @Autowired
    private Mailbox mailbox;

    @Autowired
    private JdbcConnectionDetails connection;

    private static Answer create(Client owner, String... permissions) {
        return owner.post(KEYS, Map.of("name", "A program", "permissions", permissions));
    }

    private static String id(Answer created) {
        return created.data().get("id").stringValue();
    }

    private static Client with(Client client, String key) {
        return client.with("Authorization", "Bearer " + key);
    }

    private Client program(Answer created) {
        return with(api.anonymous(), created.data().get("key").stringValue());
    }

    @Test
    void ownerGetsAMailAboutANewKey() {
        String email = Api.newEmail();
        String owner = api.create("viewer", email);
        mailbox.await(email); // the invitation, which would not be sent after the activation
        api.activate(owner);

        create(api.login(email, Api.PASSWORD), "users:read");

        Mailbox.Received mail = mailbox.await(email);
        assertThat(mail.subject()).isEqualTo("A new API key");
        assertThat(mail.text()).contains("\"A program\"");
    }

    @Test
    void secretIsShownOnceAndStoredAsAHash(CapturedOutput output) throws Exception {
        Client owner = api.newUser("editor");

        Answer created = owner.post(
                KEYS,
                Map.of(
                        "name",
                        "\u00a0Nightly report ",
                        "permissions",
                        List.of("users:write", "users:read", "users:read"),
                        "expires_at",
                        "2999-06-21T11:15:30.9+02:00"));

        assertThat(created.status()).as(created.text()).isEqualTo(201);
        JsonNode data = created.data();
        String secret = data.get("key").stringValue();
        assertThat(created.header("Location")).isEqualTo(KEYS + "/" + id(created));
        assertThat(data.propertyNames())
                .containsExactly(
                        "id", "name", "prefix", "permissions", "created_at", "expires_at", "last_used_at", "key");
        assertThat(data.get("name").stringValue()).isEqualTo("Nightly report");
        assertThat(data.get("permissions").toString()).isEqualTo("[\"users:read\",\"users:write\"]");
        assertThat(data.get("expires_at").stringValue()).isEqualTo("2999-06-21T09:15:30Z");
        assertThat(data.get("last_used_at").isNull()).isTrue();
        assertThat(secret).startsWith(data.get("prefix").stringValue()).matches("uak_[A-Za-z0-9_-]{43}_[0-9a-f]{8}");

        Answer listed = owner.get(KEYS);
        assertThat(listed.text()).doesNotContain(secret, "\"key\"");
        assertThat(listed.data()).hasSize(1);
        assertThat(listed.data().get(0).get("id")).isEqualTo(data.get("id"));
        Map<String, Object> row = database.sql("select * from api_keys where user_id = ?")
                .param(uuid(owner))
                .query()
                .singleRow();
        assertThat(row.get("hash"))
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.US_ASCII)));
        assertThat(row.values()).noneMatch(value -> String.valueOf(value).contains(secret.substring(12)));
        with(api.anonymous(), secret).get(ME);
        assertThat(output.getAll()).doesNotContain(secret.substring(12));
    }

    @Test
    void keyReadsTheAccountOfItsOwnerAndWhatItsPermissionsAllow() {
        Client owner = api.newUser("viewer");
        Client bare = program(owner.post(KEYS, Map.of("name", "Bare")));
        Client reader = program(create(owner, "users:read"));

        assertThat(bare.get(ME).data().get("id").stringValue()).isEqualTo(owner.id());
        assertThat(bare.get("/api/v1/users/" + owner.id()).status()).isEqualTo(200);
        assertThat(bare.get(LIST).code()).isEqualTo("insufficient_permissions");
        assertThat(bare.put(ME, Map.of("name", "X")).code()).isEqualTo("insufficient_permissions");
        assertThat(reader.get(LIST).status()).isEqualTo(200);
        assertThat(reader.send("HEAD", LIST).status()).isEqualTo(200);
    }

    @Test
    void metricsAnswer200ForAKeyWithThePermission() {
        Client scraper = program(create(api.admin(), "metrics:read"));

        assertThat(scraper.get("/actuator/prometheus").text()).contains("hikaricp_connections_active");
        assertThat(program(create(api.admin())).get("/actuator/prometheus").status())
                .isEqualTo(403);
    }

    @Test
    void createAnswers403ForPermissionsThatTheCallerLacks() {
        assertThat(create(api.newUser("editor"), "users:read", "users:delete").code())
                .isEqualTo("insufficient_permissions");
        assertThat(create(api.newUser("member"), "users:read").code()).isEqualTo("insufficient_permissions");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            {},                                                  #/name required
            {"name":""},                                         #/name invalid_value
            {"name":" \\u200b\\u00a0"},                            #/name invalid_value
            {"name":"a\\u0000b"},                                 #/name invalid_value
            {"name":5},                                          #/name wrong_type
            `{"name":"N","key":"uak_x"}`,                        #/key unknown_member
            `{"name":"N","permissions":["users:read","x"]}`,     #/permissions/1 invalid_value
            `{"name":"N","permissions":[null]}`,                 #/permissions/0 null_value
            `{"name":"N","permissions":"users:read"}`,           #/permissions wrong_type
            `{"name":"N","expires_at":"2023-06-21T09:15:30Z"}`,  #/expires_at invalid_value
            `{"name":"N","expires_at":"2999-06-31T09:15:30Z"}`,  #/expires_at invalid_value
            `{"name":"N","expires_at":"tomorrow"}`,              #/expires_at invalid_value
            `{"name":"N","expires_at":32503680000}`,             #/expires_at wrong_type
            `{"name":null,"permissions":null,"expires_at":null}`, #/name required
            """)
    void createAnswers400AndNamesTheFault(String body, String fault) {
        assertThat(faults(api.admin().send("POST", KEYS, body))).containsExactly(fault);
    }

    @Test
    void createAnswers400ForANameOfMoreThanAHundredCharacters() {
        Client owner = api.newUser("member");

        assertThat(owner.post(KEYS, Map.of("name", "\uD83D\uDD11".repeat(100))).status())
                .isEqualTo(201);
        Answer refused = owner.post(KEYS, Map.of("name", "n".repeat(101)));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains("1 to 100 characters");
    }

    @Test
    void listReturnsTheNewestKeyFirst() {
        Client owner = api.newUser("member");
        List<String> created =
                IntStream.range(0, 3).mapToObj(n -> id(create(owner))).toList();

        for (String query : List.of("", "?user_id=me", "?user_id=" + owner.id())) {
            assertThat(owner.get(KEYS + query)
                            .data()
                            .valueStream()
                            .map(key -> key.get("id").stringValue()))
                    .containsExactly(created.get(2), created.get(1), created.get(0));
        }
        assertThat(api.newUser("member").get(KEYS).data()).isEmpty();
    }

    @Test
    void listOfAnotherUsersKeysNeedsThePermission() {
        Client owner = api.newUser("admin");
        String id = id(create(owner, "users:read"));
        Client auditor = api.newUser(api.newRole("api_keys:read"));
        String unknown = "?user_id=usr_01h455vb4pex5vsknk084sn02q";

        Answer listed = auditor.get(KEYS + "?user_id=" + owner.id());
        assertThat(listed.data().get(0).get("id").stringValue()).isEqualTo(id);
        assertThat(listed.text()).doesNotContain("\"key\"");
        assertThat(auditor.get(KEYS + "?user_id=" + api.create("member")).data())
                .isEmpty();
        assertThat(auditor.get(KEYS + unknown).code()).isEqualTo("user_not_found");
        assertThat(auditor.get(KEYS).data()).isEmpty();

        Client editor = api.newUser("editor");
        assertThat(editor.get(KEYS + "?user_id=" + owner.id()).code()).isEqualTo("insufficient_permissions");
        assertThat(editor.get(KEYS + unknown).code()).isEqualTo("insufficient_permissions");
        for (String query : List.of("?user_id=", "?user_id=usr_1")) {
            assertThat(auditor.get(KEYS + query).code()).isEqualTo("user_not_found");
            assertThat(editor.get(KEYS + query).code()).isEqualTo("insufficient_permissions");
        }
        for (String query : List.of("?user_id=me&user_id=me", "?owner=me")) {
            assertThat(auditor.get(KEYS + query).status()).isEqualTo(400);
        }
    }

    @Test
    void createdKeyIsReadAtItsLocation() {
        Client owner = api.newUser("admin");
        Answer created = create(owner, "users:read");
        String path = String.valueOf(created.header("Location"));

        Answer read = owner.get(path);
        assertThat(read.status()).as(read.text()).isEqualTo(200);
        assertThat(read.data()).isEqualTo(owner.get(KEYS).data().get(0));
        assertThat(read.text()).doesNotContain("\"key\"");
        assertThat(owner.send("HEAD", path).status()).isEqualTo(200);
        assertThat(api.newUser(api.newRole("api_keys:read")).get(path).data()).isEqualTo(read.data());

        assertThat(api.newUser("editor").get(path).code()).isEqualTo("api_key_not_found");
        assertThat(program(created).get(path).code()).isEqualTo("session_required");
        for (String unknown : List.of("key_01h455vb4pex5vsknk084sn02q", "key_1", "x")) {
            assertThat(owner.get(KEYS + "/" + unknown).code()).isEqualTo("api_key_not_found");
        }
        owner.delete(path);
        assertThat(owner.get(path).code()).isEqualTo("api_key_not_found");
    }

    @Test
    void deletedKeyIsRefusedAtOnce() {
        Client owner = api.newUser("viewer");
        Answer created = create(owner, "users:read");
        Client program = program(created);
        Client other = program(create(owner, "users:read"));
        assertThat(program.get(LIST).status()).isEqualTo(200);

        Answer deleted = owner.delete(KEYS + "/" + id(created));

        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.text()).isEmpty();
        refuses(program);
        assertThat(owner.delete(KEYS + "/" + id(created)).code()).isEqualTo("api_key_not_found");
        assertThat(other.get(LIST).status()).isEqualTo(200);
        assertThat(owner.get(ME).status()).isEqualTo(200);
    }

    private static void refuses(Client program) {
        Answer answer = program.get(ME);
        assertThat(answer.status()).as(answer.text()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("invalid_token");
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer error=\"invalid_token\"");
    }

    @Test
    void keyDeletedWhileItsRequestArrivesIsRefused() throws Exception {
        Client owner = api.newUser("editor");
        Answer created = create(owner, "users:read", "users:write");
        try (UnfinishedRequest held =
                new UnfinishedRequest(api.port(), created.data().get("key").stringValue(), Api.newEmail())) {
            owner.delete(KEYS + "/" + id(created));

            assertThat(held.finish()).startsWith("HTTP/1.1 401");
        }
    }

    @Test
    void keyDeletedOnAnotherInstanceIsRefusedWithinFiveSeconds() {
        Answer created = create(api.newUser("viewer"));
        Client program = program(created);
        assertThat(program.get(ME).status()).isEqualTo(200);

        // by SQL, as another instance would do it, so that this instance gets no event
        database.sql("delete from api_keys where prefix = ?")
                .param(created.data().get("prefix").stringValue())
                .update();

        await().atMost(Duration.ofSeconds(5)).until(() -> program.get(ME).status() == 401);
    }

    @Test
    void deletionOfAnotherUsersKeyNeedsThePermissionAndTheOwnersPermissions() {
        Client owner = api.newUser("editor");
        Answer created = create(owner, "users:read");
        String path = KEYS + "/" + id(created);
        Client program = program(created);
        assertThat(program.get(LIST).status()).isEqualTo(200);

        assertThat(api.newUser("editor").delete(path).code()).isEqualTo("api_key_not_found");
        assertThat(api.newUser(api.newRole("api_keys:read")).delete(path).code())
                .isEqualTo("api_key_not_found");
        assertThat(api.newUser(api.newRole("api_keys:delete", "users:read"))
                        .delete(path)
                        .code())
                .isEqualTo("insufficient_permissions");
        assertThat(program.get(LIST).status()).isEqualTo(200);

        assertThat(api.newUser(api.newRole("api_keys:delete", "users:read", "users:write"))
                        .delete(path)
                        .status())
                .isEqualTo(204);
        refuses(program);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "key_", "key_01h455vb4pex5vsknk084sn02q", "usr_01h455vb4pex5vsknk084sn02q", "key_8"})
    void unknownIdsAnswer404(String id) {
        assertThat(api.admin().delete(KEYS + "/" + id).code()).isEqualTo("api_key_not_found");
    }

    @Test
    void expiredKeyIsRefusedAndStaysListed() {
        Client owner = api.newUser("member");
        Instant end = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS);
        Answer created = owner.post(KEYS, Map.of("name", "Short", "expires_at", end.toString()));
        Client program = program(created);
        assertThat(program.get(ME).status()).isEqualTo(200);

        await().atMost(Duration.ofSeconds(6)).until(() -> program.get(ME).status() == 401);

        assertThat(Instant.now()).isBetween(end, end.plusSeconds(2));
        refuses(program);
        assertThat(owner.get(KEYS).data().get(0).get("expires_at").stringValue())
                .isEqualTo(end.toString());
        assertThat(owner.delete(KEYS + "/" + id(created)).status()).isEqualTo(204);
    }

    @Test
    void expiryIsNotRoundedUpBeyondTheLastYear() {
        Client owner = api.newUser("member");

        Answer created = owner.post(KEYS, Map.of("name", "K", "expires_at", "9999-12-31T23:59:59.999999999Z"));

        assertThat(created.status()).as(created.text()).isEqualTo(201);
        assertThat(owner.get(KEYS).data().get(0).get("expires_at").stringValue())
                .isEqualTo("9999-12-31T23:59:59Z");
    }

    @Test
    void keyLosesAtOnceThePermissionsThatItsOwnerLoses() {
        Client owner = api.newUser("editor");
        Client program = program(create(owner, "users:read", "users:write"));
        String target = "/api/v1/users/" + api.create("member");
        String user = "/api/v1/users/" + owner.id();
        assertThat(program.put(target, Map.of("name", "One")).status()).isEqualTo(200);

        api.admin().put(user, Map.of("role", "viewer"));
        assertThat(program.put(target, Map.of("name", "Two")).status()).isEqualTo(403);
        assertThat(program.get(LIST).status()).isEqualTo(200);
        api.admin().put(user, Map.of("role", "member"));
        assertThat(program.get(LIST).status()).isEqualTo(403);
        assertThat(program.get(ME).status()).isEqualTo(200);

        api.admin().put(user, Map.of("status", "inactive"));
        refuses(program);
        api.admin().put(user, Map.of("status", "active", "role", "admin"));
        assertThat(program.get(LIST).status())
                .as("deactivation does not delete keys")
                .isEqualTo(200);
        assertThat(program.delete(target).status())
                .as("a key has no permissions beyond its own")
                .isEqualTo(403);

        api.admin().delete(user);
        refuses(program);
        assertThat(database.sql("select count(*) from api_keys where user_id = ?")
                        .param(uuid(owner))
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    void keyLosesWithinFiveSecondsThePermissionsThatItsOwnerLosesOnAnotherInstance() {
        Client owner = api.newUser("viewer");
        Client program = program(create(owner, "users:read"));
        assertThat(program.get(LIST).status()).isEqualTo(200);

        database.sql("update users set role = 'member' where id = ?")
                .param(uuid(owner))
                .update();

        await().atMost(Duration.ofSeconds(5)).until(() -> program.get(LIST).status() == 403);
    }

    @Test
    void keyCreatedWhileItsOwnerIsDemotedHasNoPermissions() throws Exception {
        Client owner = api.newUser("viewer");
        CompletableFuture<Answer> creating;
        try (BlockingTransaction other = new BlockingTransaction(connection)) {
            other.run("update users set role = 'member' where id = ?", uuid(owner));
            creating = CompletableFuture.supplyAsync(() -> create(owner, "users:read"));
            other.commitOnceBlocking();
        }

        Answer answer = creating.join();
        if (answer.status() == 201) { // the permissions of the owner were still cached
            assertThat(program(answer).get(LIST).status()).isEqualTo(403);
        } else {
            assertThat(answer.code()).isEqualTo("insufficient_permissions");
        }
    }

    @Test
    void createAnswers401WhenTheOwnerIsDeletedConcurrently() throws Exception {
        Client owner = api.newUser("viewer");
        CompletableFuture<Answer> creating;
        try (BlockingTransaction other = new BlockingTransaction(connection)) {
            other.run("delete from users where id = ?", uuid(owner));
            creating = CompletableFuture.supplyAsync(() -> create(owner));
            other.commitOnceBlocking();
        }

        assertThat(creating.join().code()).isEqualTo("invalid_token");
    }

    @Test
    void keyCannotChangeCredentialsOfAnAccount() {
        Client owner = api.newUser("admin");
        Client program = program(create(
                owner,
                api.admin()
                        .get("/api/v1/roles/admin")
                        .data()
                        .get("permissions")
                        .valueStream()
                        .map(JsonNode::stringValue)
                        .toArray(String[]::new)));
        String id = id(create(owner));

        for (Answer answer : List.of(
                create(program),
                program.get(KEYS),
                program.get(KEYS + "?user_id=" + owner.id()),
                program.delete(KEYS + "/" + id),
                program.send("POST", "/api/v1/auth/logout"))) {
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.code()).isEqualTo("session_required");
        }
        assertThat(program.put(ME, Map.of("email", Api.newEmail())).code()).isEqualTo("own_email");
        assertThat(program.put(ME, Map.of("role", "member")).code()).isEqualTo("own_role_or_status");
        assertThat(program.delete("/api/v1/users/" + owner.id()).code()).isEqualTo("own_account");
        assertThat(program.put(ME, Map.of("name", "By a program with all of the owner's power"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void keyWithFewerPermissionsThanItsOwnerCannotChangeTheOwnersAccount() {
        Client program = program(create(api.newUser("admin"), "users:write"));

        assertThat(program.put(ME, Map.of("name", "X")).code()).isEqualTo("insufficient_permissions");
        assertThat(program.put(ME, Map.of("email", Api.newEmail())).status()).isEqualTo(403);
    }

    @Test
    void keyIsAcceptedOnlyAsABearerToken() {
        String email = api.newAccount("viewer");
        Client owner = api.login(email, Api.PASSWORD);
        String key = create(owner, "users:read").data().get("key").stringValue();

        assertThat(api.anonymous().get(LIST + "?access_token=" + key).status()).isEqualTo(401);
        assertThat(api.anonymous().with("X-Api-Key", key).get(LIST).status()).isEqualTo(401);
        String basic = Base64.getEncoder().encodeToString((email + ":" + key).getBytes(StandardCharsets.UTF_8));
        assertThat(api.anonymous()
                        .with("Authorization", "Basic " + basic)
                        .get(LIST)
                        .status())
                .isEqualTo(401);
        assertThat(api.anonymous()
                        .post("/api/v1/auth/login", Map.of("email", email, "password", key))
                        .code())
                .isEqualTo("invalid_credentials");
        assertThat(api.anonymous()
                        .post("/api/v1/auth/refresh", Map.of("refresh_token", key))
                        .code())
                .isEqualTo("invalid_token");
    }

    @Test
    void malformedKeysAreRefused() {
        String key = create(api.newUser("viewer")).data().get("key").stringValue();
        String body = key.substring(0, key.length() - 9);

        for (String text : List.of(
                "uak_",
                body,
                body + "_00000000",
                key.substring(0, key.length() - 1),
                key + "0",
                key.toUpperCase(java.util.Locale.ROOT),
                "uak_" + key,
                key.substring(4))) {
            refuses(with(api.anonymous(), text));
        }
    }

    @Test
    void createAnswers409WhenTheOwnerHasAHundredKeys() {
        Client owner = api.newUser("member");
        database.sql("insert into api_keys (id, user_id, hash, name, prefix, permissions, created_at)"
                        + " select gen_random_uuid(), ?, uuid_send(gen_random_uuid()), 'N', 'uak_00000000', '{}', now()"
                        + " from generate_series(1, 99)")
                .param(uuid(owner))
                .update();

        Answer last = create(owner);

        assertThat(last.status()).isEqualTo(201);
        assertThat(create(owner).code()).isEqualTo("too_many_api_keys");
        assertThat(owner.get(KEYS).data()).hasSize(100);
        owner.delete(KEYS + "/" + id(last));
        assertThat(create(owner).status()).isEqualTo(201);
    }

    @Test
    void lastUseIsShown() {
        Client owner = api.newUser("member");
        Client program = program(create(owner));
        create(owner);
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        assertThat(program.get(ME).status()).isEqualTo(200);

        await().atMost(Duration.ofSeconds(15))
                .until(() -> !owner.get(KEYS).data().get(1).get("last_used_at").isNull());

        JsonNode keys = owner.get(KEYS).data();
        assertThat(Instant.parse(keys.get(1).get("last_used_at").stringValue())).isBetween(before, Instant.now());
        assertThat(keys.get(0).get("last_used_at").isNull()).isTrue();
    }

    @Test
    void eachKeyHasItsOwnRateLimit() {
        Client owner = api.newUser("member");
        Client program = program(create(owner));
        owner.get(ME);

        assertThat(program.get(ME).header("RateLimit")).startsWith("\"user\";r=999;");
        assertThat(program(create(owner)).get(ME).header("RateLimit")).startsWith("\"user\";r=999;");
    }
}
