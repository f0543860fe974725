package dev.usersapi.binding;

import static dev.usersapi.support.Api.faults;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.BlockingTransaction;
import dev.usersapi.support.Race;
import dev.usersapi.support.RawHttp;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** PATCH of a user with a JSON Merge Patch. */
@ApiTest
class MergePatchIT {

    private static final String MERGE_PATCH = "application/merge-patch+json";
    private static final String START = """
            {"theme":"dark","notifications":false,"list":{"columns":3,"filter":{"role":"admin"}},"tags":[1,2],"none":null}""";

    @Autowired
    private Api api;

    @Autowired
    private JdbcConnectionDetails connection;

    @Autowired
    private JdbcClient database;

    private String id = "";
    private String email = "";
    private String path = "";

    @BeforeEach
    void createUser() {
        email = Api.newEmail();
        id = api.create("member", email);
        path = "/api/v1/users/" + id;
        assertThat(api.admin().send("PUT", path, "{\"settings\":" + START + "}").status())
                .isEqualTo(200);
    }

    private Answer patch(String body) {
        return api.admin().with("Content-Type", MERGE_PATCH).send("PATCH", path, body);
    }

    private JsonNode settings() {
        return api.admin().get(path).data().get("settings");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            {}                                    | {}
            {"theme":"light"}                     | {"theme":"light"}
            {"theme":null}                        | {"theme":"system"}
            {"notifications":null,"theme":null}   | {"notifications":true,"theme":"system"}
            {"list":{"columns":null,"rows":5}}    | {"list":{"filter":{"role":"admin"},"rows":5}}
            {"list":{"filter":{"role":null}}}     | {"list":{"columns":3,"filter":{}}}
            {"list":7}                            | {"list":7}
            {"tags":[null]}                       | {"tags":[null]}
            {"tags":{"a":null,"b":1.50}}          | {"tags":{"b":1.50}}
            {"unknown":null}                      | {}
            {"new":{"a":{"b":null}}}              | {"new":{"a":{}}}
            {"":1,"a/b":{"~":"é"},"__proto__":2}  | {"":1,"a/b":{"~":"é"},"__proto__":2}
            """)
    void settingsAreMerged(String patch, String changed) {
        Answer answer = patch("{\"settings\":" + patch + "}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        ObjectNode expected = (ObjectNode) Api.JSON.readTree(START);
        expected.setAll((ObjectNode) Api.JSON.readTree(changed));
        assertThat(settings()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jsonb_build_object('n', 1e100000)",
                "'{\"n\":1e-16000}'",
                "('{\"n\":' || repeat('[', 2000) || repeat(']', 2000) || '}')::jsonb",
                "('{\"n\":' || repeat('{\"a\":', 2000) || '1' || repeat('}', 2001))::jsonb",
                "jsonb_build_object(repeat('n', 60000), 1)"
            })
    void settingsWrittenBySqlCanBeReadAndReplaced(String settings) {
        database.sql("update users set settings = " + settings + " where email = ?")
                .param(email)
                .update();

        assertThat(RawHttp.send(
                                api.port(),
                                "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
                                        + api.admin().token() + "\r\n\r\n")
                        .status())
                .isEqualTo(200);
        assertThat(api.admin().put(path, Map.of("name", "Bea")).status()).isEqualTo(200);
        assertThat(patch("{\"name\":\"Cleo\"}").status()).isEqualTo(200);
        assertThat(patch("{\"settings\":{\"theme\":\"dark\"}}").status())
                .isIn(200, 400); // 400 if the result is too large
        assertThat(patch("{\"settings\":null}").status()).isEqualTo(200);
        assertThat(settings()).isEqualTo(Api.JSON.readTree("{\"theme\":\"system\",\"notifications\":true}"));
    }

    @Test
    void userCanBeChangedAfterTheLargestVersion() {
        database.sql("update users set version = 2147483647 where email = ?")
                .param(email)
                .update();

        for (String name : List.of("Bea", "Cleo")) {
            String tag = api.admin().get(path).header("ETag");
            assertThat(api.admin()
                            .with("If-Match", String.valueOf(tag))
                            .put(path, Map.of("name", name))
                            .status())
                    .isEqualTo(200);
            assertThat(api.admin().get(path).header("ETag")).isNotEqualTo(tag);
        }
    }

    @Test
    void nullRemovesMembersAndAllSettings() {
        assertThat(patch("{\"settings\":{\"list\":null,\"tags\":null,\"none\":null}}")
                        .status())
                .isEqualTo(200);
        assertThat(settings()).isEqualTo(Api.JSON.readTree("{\"theme\":\"dark\",\"notifications\":false}"));
        assertThat(patch("{\"settings\":null}").status()).isEqualTo(200);
        assertThat(settings()).isEqualTo(Api.JSON.readTree("{\"theme\":\"system\",\"notifications\":true}"));
    }

    @Test
    void absentMembersStay() {
        String email = Api.newEmail();
        Answer answer = patch("""
                {"name":" Bea ","status":"active","id":"x","created_at":null,"updated_at":1,"last_login":{}}""");
        assertThat(answer.data().get("name").stringValue()).isEqualTo("Bea");
        assertThat(answer.data().get("role").stringValue()).isEqualTo("member");
        assertThat(answer.data().propertyNames())
                .containsExactly("id", "email", "name", "role", "status", "created_at", "updated_at");
        assertThat(settings()).isEqualTo(Api.JSON.readTree(START));

        assertThat(patch("{\"email\":\" " + email + " \",\"role\":\"viewer\"}").status())
                .isEqualTo(200);
        JsonNode user = api.admin().get(path).data();
        assertThat(user.get("email").stringValue()).isEqualTo(email);
        assertThat(user.get("role").stringValue()).isEqualTo("viewer");
        assertThat(user.get("status").stringValue()).isEqualTo("active");
    }

    @Test
    void patchWithoutEffectKeepsTheETag() {
        Answer read = api.admin().get(path);

        for (String patch :
                new String[] {"{}", "{\"settings\":" + START.replace("\"none\":null", "\"x\":null") + "}"}) {
            Answer answer = patch(patch);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("ETag")).isEqualTo(read.header("ETag"));
        }
    }

    @Test
    void nullIsRefusedOutsideSettings() {
        assertThat(faults(patch("{\"email\":null,\"name\":null,\"role\":null,\"status\":null,\"nmae\":null}")))
                .containsExactlyInAnyOrder(
                        "#/nmae unknown_member",
                        "#/email null_value",
                        "#/name null_value",
                        "#/role null_value",
                        "#/status null_value");
    }

    @Test
    void allFaultsAreReportedAtOnce() {
        assertThat(faults(patch("""
                        {"email":5,"name":" ","role":"nobody","settings":{"theme":"blue","notifications":"yes",
                        "n":{"m":1e400},"z\\u0000":1,"t":"\\u0000"}}""")))
                .containsExactlyInAnyOrder(
                        "#/email wrong_type",
                        "#/name invalid_value",
                        "#/role invalid_value",
                        "#/settings/theme invalid_value",
                        "#/settings/notifications invalid_value",
                        "#/settings/n invalid_value",
                        "#/settings/z%00 invalid_value",
                        "#/settings/t invalid_value");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            {"settings":[]}                       | #/settings wrong_type
            {"settings":"dark"}                   | #/settings wrong_type
            {"settings":{"theme":{"x":null}}}     | #/settings/theme invalid_value
            {"settings":{"notifications":1}}      | #/settings/notifications invalid_value
            []                                    | # wrong_type
            null                                  | # wrong_type
            "x"                                   | # wrong_type
            {"settings":{"a":1,"a":2}}            | # malformed_json
            {"name":"A"} x                        | # malformed_json
            {"password":"securePassword123"}      | #/password unknown_member
            """)
    void invalidPatchIsRefused(String patch, String fault) {
        assertThat(faults(patch(patch))).containsExactly(fault);
        assertThat(settings()).isEqualTo(Api.JSON.readTree(START));
    }

    @Test
    void patchedSettingsAreAtMost8Kib() {
        assertThat(patch("{\"settings\":{\"a\":\"" + "x".repeat(5000) + "\"}}").status())
                .isEqualTo(200);
        String more = "\"b\":\"" + "y".repeat(5000) + "\"";

        assertThat(faults(patch("{\"settings\":{" + more + "}}"))).containsExactly("#/settings invalid_value");
        assertThat(settings().get("b")).isNull();
        assertThat(patch("{\"settings\":{\"a\":null," + more + "}}").status()).isEqualTo(200);
        String removals = IntStream.range(0, 2000)
                .mapToObj(n -> "\"removed" + n + "\":null")
                .collect(Collectors.joining(","));
        assertThat(patch("{\"settings\":{" + removals + "}}").status())
                .as("a patch may be larger than its result")
                .isEqualTo(200);
    }

    @Test
    void nestingIsLimitedAsInOtherBodies() {
        String inner = "{\"a\":".repeat(30) + "null" + "}".repeat(30);
        assertThat(patch("{\"settings\":" + inner + "}").status()).isEqualTo(200);
        assertThat(patch("{\"settings\":" + inner.replace("null", "{\"b\":{}}") + "}")
                        .status())
                .isEqualTo(400);
        assertThat(patch("{\"settings\":" + inner.replace("null", "1") + "}").status())
                .as("merged into settings of the same depth")
                .isEqualTo(200);
    }

    @Test
    void applicationJsonIsReadAsAMergePatch() {
        patch("{\"settings\":{\"columns\":3}}");

        Answer answer = api.admin().send("PATCH", path, "{\"settings\":{\"theme\":\"dark\",\"columns\":null}}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(api.admin().get(path).data().at("/settings/theme").stringValue())
                .isEqualTo("dark");
        assertThat(api.admin().get(path).data().get("settings").has("columns")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json-patch+json",
                "application/merge-patch",
                "text/plain",
                "application/merge-patch+json; charset=utf-16"
            })
    void otherMediaTypesAnswer415(String type) {
        Answer answer = api.admin().with("Content-Type", type).send("PATCH", path, "{}");

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.code()).isEqualTo("unsupported_media_type");
        assertThat(answer.header("Accept-Patch"))
                .isEqualTo(type.contains(";") ? null : MERGE_PATCH + ", application/json");
        assertThat(api.admin()
                        .with("Content-Type", MERGE_PATCH)
                        .send("PUT", path, "{}")
                        .status())
                .isEqualTo(415);
    }

    @Test
    void acceptPatchListsTheMediaTypes() {
        Answer options = api.anonymous().send("OPTIONS", path);

        assertThat(options.header("Allow")).contains("PATCH");
        assertThat(options.header("Accept-Patch")).isEqualTo(MERGE_PATCH + ", application/json");
        assertThat(api.admin()
                        .with("Content-Type", MERGE_PATCH + ";charset=UTF-8")
                        .send("PATCH", path, "{}")
                        .status())
                .isEqualTo(200);
        assertThat(api.admin()
                        .with("Content-Encoding", "gzip")
                        .patch(path, Map.of())
                        .status())
                .isEqualTo(415);
        assertThat(patch("{\"name\":\"" + "x".repeat(70_000) + "\"}").status()).isEqualTo(413);
    }

    @Test
    void rulesOfPutApply() {
        String email = Api.newEmail();
        api.create("member", email);
        assertThat(patch("{\"email\":\"" + email + "\"}").code()).isEqualTo("email_taken");

        Client member = api.newUser("member");
        assertThat(member.patch("/api/v1/users/me", Map.of("settings", Map.of("a", 1)))
                        .status())
                .isEqualTo(200);
        assertThat(member.patch("/api/v1/users/me", Map.of("role", "admin")).code())
                .isEqualTo("own_role_or_status");
        assertThat(member.patch("/api/v1/users/me", Map.of("email", Api.newEmail()))
                        .code())
                .isEqualTo("own_email");
    }

    @Test
    void simultaneousPatchesOfDifferentSettingsAreAllKept() throws Exception {
        List<Answer> answers =
                Race.together(8, n -> patch("{\"settings\":{\"key" + n + "\":true,\"list\":{\"key" + n + "\":1}}}"));

        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(settings().propertyNames()).contains("key0", "key1", "key2", "key3", "key4", "key5", "key6", "key7");
        assertThat(settings().get("list").propertyNames()).hasSize(10);
    }

    @Test
    void patchThatWaitedForALockIsMergedWithTheOtherChange() throws Exception {
        CompletableFuture<Answer> waiting;
        try (BlockingTransaction other = new BlockingTransaction(connection)) {
            other.run(
                    "update users set settings = settings || '{\"other\":1}', version = version + 1 where id = ?",
                    Api.uuid(id));
            waiting = CompletableFuture.supplyAsync(() -> patch("{\"settings\":{\"mine\":2}}"));
            other.commitOnceBlocking();
        }

        assertThat(waiting.join().status()).isEqualTo(200);
        assertThat(settings().propertyNames()).contains("other", "mine", "list");
    }
}
