package dev.usersapi.binding;

import static dev.usersapi.support.Api.faults;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OpenApiDocument;
import dev.usersapi.support.RawHttp;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Request bodies that are invalid or malicious. */
@ApiTest
public class ValidationIT {

    private static final String USERS = "/api/v1/users";

    @Autowired
    private Api api;

    private static Map<String, Object> validUser() {
        return new HashMap<>(Map.of("email", Api.newEmail(), "name", "Ann", "password", Api.PASSWORD));
    }

    private Answer create(String member, @Nullable Object value) {
        Map<String, Object> body = validUser();
        body.put(member, value);
        return api.admin().post(USERS, body);
    }

    @Test
    void errorResponsesHaveABoundedSize() {
        String members = IntStream.range(0, 3_000)
                .mapToObj(i -> "\"\u540d%d\":1".formatted(i))
                .collect(Collectors.joining(",", "{", "}"));
        String name = "\u540d".repeat(20_000);

        for (String body : List.of(
                members, "{\"%s\":1}".formatted(name), "{\"settings\":" + members.replace(":1", ":1e999") + "}")) {
            Answer answer = api.admin().send("POST", USERS, body);

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body().get("errors").size()).isBetween(1, 100);
            assertThat(answer.text()).hasSizeLessThan(40_000);
        }
        Answer parameters = api.anonymous()
                .get("/.well-known/jwks.json?"
                        + "a&b&"
                                .concat(IntStream.range(0, 900)
                                        .mapToObj(i -> "p" + i)
                                        .collect(Collectors.joining("&"))));
        assertThat(parameters.body().get("errors").size()).isEqualTo(100);
    }

    @Test
    void allFaultsAreReportedAtOnce() {
        Answer answer = api.admin().send("POST", USERS, """
                        {"email": 5, "name": " ", "role": "nobody", "password": "short", "nmae": "x", "a/b~c%": 1,
                         "settings": {"theme": "blue", "notifications": "yes"}}""");

        assertThat(faults(answer))
                .containsExactlyInAnyOrder(
                        "#/email wrong_type",
                        "#/name invalid_value",
                        "#/role invalid_value",
                        "#/password password_too_short",
                        "#/nmae unknown_member",
                        "#/a~1b~0c%25 unknown_member",
                        "#/settings/theme invalid_value",
                        "#/settings/notifications invalid_value");
    }

    private static String fault(Answer answer, String pointer) {
        return answer.body()
                .get("errors")
                .valueStream()
                .filter(fault -> pointer.equals(fault.get("pointer").stringValue()))
                .map(JsonNode::toString)
                .collect(Collectors.joining());
    }

    @Test
    void faultsOfBodiesSayWhatIsAllowed() {
        Answer answer = api.admin().send("POST", USERS, """
                        {"email": "ann@example.com", "name": "", "password": "short", "nmae": "x", "status": "active",
                         "settings": {"theme": "blue"}}""");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(fault(answer, "#/name")).contains("\"min\":1,\"max\":200}");
        assertThat(fault(answer, "#/password")).contains("\"min\":8,\"max\":128}");
        assertThat(fault(answer, "#/settings/theme")).contains("\"allowed\":[\"light\",\"dark\",\"system\"]}");
        assertThat(fault(answer, "#/nmae")).contains("did you mean name?", "\"nearest\":\"name\"}");
        assertThat(fault(answer, "#/status"))
                .contains("PUT /api/v1/users/{user_id}")
                .doesNotContain("nearest");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            limit=0                | "min":1}
            limit=101              | "max":100}
            limit=99999999999      | "max":2147483647}
            sort=age               | "allowed":["created_at","-created_at","name","-name","email","-email","last_login","-last_login"]}
            status=gone            | "allowed":["active","inactive","pending"]}
            createdAfter=2026      | "nearest":"created_after"}
            limti=5                | "nearest":"limit"}
            zzz=5                  | "detail":"is not known here"}
            """)
    void faultsOfParametersSayWhatIsAllowed(String query, String members) {
        assertThat(api.admin().get(USERS + "?" + query).text()).contains(members);
    }

    @ParameterizedTest
    @CsvSource({
        "users/export, user_not_found, usr",
        "users/export/sessions, user_not_found, usr",
        "users/me/sessions/key_01h455vb4pex5vsknk084sn02q, session_not_found, ses",
        "api-keys/export, api_key_not_found, key"
    })
    void malformedIdAnswers404WithTheSyntaxOfIds(String path, String code, String prefix) {
        boolean readable = path.startsWith("users/export");
        Answer answer =
                readable ? api.admin().get("/api/v1/" + path) : api.admin().delete("/api/v1/" + path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.body().get("explanation").stringValue())
                .contains("is not a", "`" + prefix + "_` followed by 26 characters", "like `" + prefix + "_01");
    }

    @Test
    void missingMembersAreReported() {
        assertThat(faults(api.admin().send("POST", USERS, "{}")))
                .containsExactly("#/email required", "#/name required");
        assertThat(faults(api.anonymous().send("POST", "/api/v1/auth/login", "{}")))
                .containsExactlyInAnyOrder("#/email required", "#/password required");
        assertThat(faults(api.anonymous().send("POST", "/api/v1/auth/refresh", "{}")))
                .containsExactly("#/refresh_token required");
    }

    /** Many generated clients send null for members that are not set. */
    @Test
    void nullCountsAsAbsentInBodiesOfPostAndPut() {
        OpenApiDocument document = OpenApiDocument.load();
        Client caller = api.newUser("admin");
        String role = api.newRole();
        List<String> operations = document.operations().stream()
                .filter(operation -> operation.matches("(POST|PUT) .*"))
                .toList();
        int compared = 0;
        for (String operation : operations) {
            String[] words = operation.split(" ", 2);
            JsonNode schema = document.resolve(document.json()
                    .get("paths")
                    .get(words[1])
                    .get(words[0].toLowerCase(Locale.ROOT))
                    .at("/requestBody/content/application~1json/schema"));
            if (schema.isMissingNode()) {
                continue;
            }
            ObjectNode nulls = Api.JSON.createObjectNode();
            schema.get("properties").propertyNames().forEach(nulls::putNull);
            String path = words[1].replace("{user_id}", "me").replace("{name}", role);
            Answer withNulls = caller.send(words[0], path, nulls.toString());
            Answer without = caller.send(words[0], path, "{}");

            assertThat(withNulls.status()).as(operation + " " + nulls).isEqualTo(without.status());
            if (without.status() == 400) {
                assertThat(faults(withNulls)).isEqualTo(faults(without)).allMatch(fault -> fault.endsWith(" required"));
            }
            compared++;
        }
        assertThat(compared).isGreaterThan(12);
    }

    @Test
    void putOfNullChangesNothing() {
        String path = USERS + "/" + api.create("editor");
        api.admin().put(path, Map.of("settings", Map.of("theme", "dark", "x", 1)));
        JsonNode before = api.admin().get(path).data();

        Answer answer = api.admin().send("PUT", path, """
                        {"name":"New","email":null,"role":null,"status":null,"settings":null}""");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(api.admin().get(path).data()).isEqualTo(((ObjectNode) before.deepCopy()).put("name", "New"));

        Answer replaced = api.admin().send("PUT", path, """
                        {"settings":{"theme":null,"notifications":null,"x":null}}""");

        assertThat(replaced.status()).isEqualTo(200);
        assertThat(api.admin().get(path).data().get("settings")).isEqualTo(Api.JSON.readTree("""
                        {"theme":"system","notifications":true,"x":null}"""));
    }

    @Test
    void unknownMemberIsRefusedEvenIfItIsNull() {
        assertThat(faults(create("nmae", null))).containsExactly("#/nmae unknown_member");
    }

    @ParameterizedTest
    @CsvSource({
        "email, 5",
        "email, true",
        "email, []",
        "email, {}",
        "name, 1.5",
        "role, false",
        "status, 0",
        "settings, []",
        "settings, ~x~",
        "settings, 7"
    })
    void wrongTypesAreRefused(String member, String json) {
        String path = USERS + "/" + api.create("member");

        Answer answer = api.admin().send("PUT", path, "{\"" + member + "\":" + json.replace('~', '"') + "}");

        assertThat(faults(answer)).containsExactly("#/" + member + " wrong_type");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "@example.com",
                "a@",
                "a@b@c",
                "a b@example.com",
                "a@exa mple.com",
                "a@-example.com",
                "a@example-.com",
                "a@example..com",
                "a@.com",
                "ä@example.com",
                "a@ex☃mple.com",
                "a@-exämple.com",
                "a@ex‍ample.com",
                "а@example.com",
                "a\u0000@example.com",
                "a\n@example.com",
                "<a@example.com>",
                "a@[127.0.0.1]"
            })
    void invalidEmailsAreRefused(String email) {
        assertThat(faults(create("email", email))).contains("#/email invalid_value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a+b.c_d'e@sub.example.com", "A@EXAMPLE.COM", "x@localhost"})
    void validEmailsAreAccepted(String email) {
        String unique = System.nanoTime() + email;

        Answer answer = create("email", unique);

        assertThat(answer.data().get("email").stringValue()).isEqualTo(unique);
    }

    @Test
    void emailLengthIsBounded() {
        String longest = "a@" + "b".repeat(60) + ("." + "c".repeat(62)).repeat(3) + ".d";
        assertThat(longest).hasSize(253);

        assertThat(faults(create("email", "abc" + longest))).containsExactly("#/email invalid_value");
        assertThat(faults(create("email", "a".repeat(65) + "@example.com"))).containsExactly("#/email invalid_value");
    }

    @Test
    void emailIsTrimmedAndUniqueIgnoringCase() {
        String email = "Mixed." + Api.newEmail();
        Answer first = create("email", "\u00a0\t " + email + "\u2003\n");

        assertThat(first.data().get("email").stringValue()).isEqualTo(email);
        assertThat(create("email", email.toLowerCase(java.util.Locale.ROOT)).code())
                .isEqualTo("email_taken");
        String other = api.create("member");
        Answer update = api.admin().put(USERS + "/" + other, Map.of("email", email.toUpperCase(java.util.Locale.ROOT)));
        assertThat(update.code()).isEqualTo("email_taken");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\u00a0\u2003",
                "a\u0000b",
                "a\nb",
                "a\u007fb",
                "a\u0085b",
                "a\u2028b",
                "a\u202eb",
                "a\u2066b",
                "\u200b",
                "\u200d\ufeff",
                "\u3164",
                "\u2800\u2800",
                "\u0301",
                "\ufdd0"
            })
    void invalidNamesAreRefused(String name) {
        assertThat(faults(create("name", name))).containsExactly("#/name invalid_value");
    }

    @Test
    void namesAreTrimmedComposedAndCountedInCodePoints() {
        assertThat(create("name", " \u00a0Zoe\u0308 \t").data().get("name").stringValue())
                .isEqualTo("Zo\u00eb");
        assertThat(create("name", "\ud83d\ude00".repeat(200)).status()).isEqualTo(201);
        assertThat(faults(create("name", "x".repeat(201)))).containsExactly("#/name invalid_value");
        assertThat(create("name", "' or 1=1; -- <script>alert(1)</script> \ud83d\udc69\u200d\ud83d\ude80")
                        .status())
                .isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Admin", "admin ", "", "\u0000", "admin\u0000", "nobody", "a/b"})
    void unknownRolesAreRefused(String role) {
        assertThat(faults(create("role", role))).containsExactly("#/role invalid_value");
    }

    /** The domain is normalised in every request, so that other spellings find the same user. */
    @Test
    void unicodeDomainIsStoredInAscii() {
        String local = Api.newEmail().split("@", 2)[0];
        String ascii = local + "@xn--bcher-kva.example";
        String unicode = local + "@B\u00fccher\u3002example";

        Answer created = create("email", " " + local + "@b\u00fccher.example ");

        assertThat(created.status()).as(created.text()).isEqualTo(201);
        assertThat(created.data().get("email").stringValue()).isEqualTo(ascii);
        assertThat(create("email", unicode).code()).isEqualTo("email_taken");
        String path = USERS + "/" + created.data().get("id").stringValue();
        assertThat(api.admin().put(path, Map.of("status", "active")).status()).isEqualTo(200);
        for (String email : List.of(ascii, unicode)) {
            Map<String, String> login = Map.of("email", email, "password", Api.PASSWORD);
            assertThat(api.anonymous().post("/api/v1/auth/login", login).status())
                    .isEqualTo(200);
            for (String parameter : List.of("email", "q")) {
                String query = "?" + parameter + "=" + URLEncoder.encode(email, StandardCharsets.UTF_8);
                assertThat(api.admin().get(USERS + query).data().size())
                        .as(query)
                        .isEqualTo(1);
            }
        }
        assertThat(api.admin()
                        .put(path, Map.of("email", local + "@stra\u00dfe.example"))
                        .data()
                        .get("email")
                        .stringValue())
                .isEqualTo(local + "@xn--strae-oqa.example");
        assertThat(api.admin()
                        .patch(path, Map.of("email", unicode))
                        .data()
                        .get("email")
                        .stringValue())
                .isEqualTo(ascii);
    }

    @Test
    void timesMayBeDatesOrLackTheColonInTheOffset() {
        for (String time : List.of("2026-11-01", "2020-01-01T00:00:00.000000%2B0000", "2026-11-01T00:00:00%2B00:00")) {
            assertThat(api.admin().get(USERS + "?created_after=" + time).status())
                    .as(time)
                    .isEqualTo(200);
        }
        Answer refused = api.admin().get(USERS + "?created_after=2020-01-01T00:00:00");
        assertThat(refused.text()).contains("with its offset, such as 2023-06-21T09:15:30Z");
        Answer key = api.admin().post("/api/v1/api-keys", Map.of("name", "N", "expires_at", "2999-01-01"));
        assertThat(key.data().get("expires_at").stringValue()).isEqualTo("2999-01-01T00:00:00Z");
    }

    @Test
    void roleDefaultsToMember() {
        assertThat(api.admin().post(USERS, validUser()).data().get("role").stringValue())
                .isEqualTo("member");
    }

    @Test
    void weakPasswordsAreRefused() {
        String email = Api.newEmail();
        Map.of(
                        "short77",
                        "password_too_short",
                        "x".repeat(129),
                        "password_too_long",
                        "password",
                        "password_too_common",
                        "PassWord1",
                        "password_too_common",
                        "qwertyuiop",
                        "password_too_common",
                        "passwordpassword",
                        "password_too_simple",
                        email,
                        "password_like_email",
                        email.split("@", 2)[0],
                        "password_like_email",
                        "Ann Longname",
                        "password_like_name")
                .forEach((password, code) -> {
                    Map<String, Object> body = Map.of("email", email, "name", "Ann Longname", "password", password);
                    assertThat(faults(api.admin().post(USERS, body))).containsExactly("#/password " + code);
                });
        assertThat(faults(create("password", "\u00e9".repeat(7)))).containsExactly("#/password password_too_short");
        for (String password : List.of(
                "\u0000\u0001 \ud83d\ude00 any!",
                "\ud83d\ude00\ud83d\ude80".repeat(4) + " go",
                "x y".repeat(41) + "sea")) {
            assertThat(create("password", password).status()).as(password).isEqualTo(201);
        }
    }

    @Test
    void responsesNeverContainThePassword() {
        Answer created = create("password", "a very secret phrase");
        Answer refused = create("password", "password");

        assertThat(created.text()).doesNotContain("secret", "password", "argon2");
        assertThat(refused.text()).doesNotContain("\"password\"").contains("#/password");
        assertThat(api.admin().get(created.header("Location") + "").text()).doesNotContain("argon2", "password");
    }

    @Test
    void settingsKeepUnknownMembersAndPutReplacesThemAll() {
        Map<String, Object> given = Map.of("beta", List.of(1, Map.of("x", "\u00fc")), "theme", "light");
        String path = create("settings", given).header("Location") + "";

        JsonNode stored = api.admin().get(path).data().get("settings");
        assertThat(stored).isEqualTo(Api.JSON.readTree("""
                {"theme":"light","notifications":true,"beta":[1,{"x":"\u00fc"}]}"""));

        api.admin().put(path, Map.of("settings", Map.of("gamma", 1)));
        assertThat(api.admin().get(path).data().get("settings")).isEqualTo(Api.JSON.readTree("""
                {"theme":"system","notifications":true,"gamma":1}"""));
    }

    @Test
    void settingsKeepNumbersAsSent() {
        String body = """
                {"settings":{"a":1.10,"b":12345678901234567890123,"c":-0.000000000000000000001,"d":1e+300}}""";
        String path = USERS + "/" + api.create("member");

        assertThat(api.admin().send("PUT", path, body).status()).isEqualTo(200);

        assertThat(api.admin().get(path).text())
                .contains("\"a\":1.10", "\"b\":12345678901234567890123", "\"c\":-1E-21");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"x\":1e999999999}",
                "{\"x\":-1e400}",
                "{\"x\":[1e-99999]}",
                "{\"x\":\"\\u0000\"}",
                "{\"x\":{\"\\u0000\":1}}"
            })
    void settingsThatCannotBeStoredAreRefused(String settings) {
        String path = USERS + "/" + api.create("member");

        assertThat(faults(api.admin().send("PUT", path, "{\"settings\":" + settings.replace("x", "myKey") + "}")))
                .containsExactly("#/settings/myKey invalid_value");
    }

    @Test
    void numbersThatAreTooLongAnswer400() {
        for (String number : List.of("1e2147483648", "1e-2147483648", "-1e99999999999999")) {
            assertThat(faults(api.admin().send("POST", USERS, "{\"email\":" + number + "}")))
                    .containsExactly("# malformed_json");
        }
    }

    @Test
    void puttingTheSettingsThatWereReadChangesNothing() {
        for (String settings : List.of(
                "{\"a\":\"" + "x".repeat(8140) + "\"}",
                "{\"a\":1e2,\"b\":[1E20,1e308],\"c\":-0.0,\"\":{\"__proto__\":1}}")) {
            String path = USERS + "/" + api.create("member");
            assertThat(api.admin()
                            .send("PUT", path, "{\"settings\":" + settings + "}")
                            .status())
                    .isEqualTo(200);
            String read = api.admin().get(path).data().get("settings").toString();
            JsonNode first = api.admin()
                    .send("PUT", path, "{\"settings\":" + settings + "}")
                    .data();
            JsonNode second =
                    api.admin().send("PUT", path, "{\"settings\":" + read + "}").data();

            assertThat(second).isEqualTo(first);
            assertThat(api.admin().get(path).data().get("settings")).hasToString(read);
        }
    }

    @Test
    void settingsAreBoundedByTheirStoredSize() {
        String path = USERS + "/" + api.create("member");
        String numbers = "{\"settings\":{\"x\":[1e307" + ",1e307".repeat(100) + "]}}";

        assertThat(faults(api.admin().send("PUT", path, numbers))).containsExactly("#/settings invalid_value");
    }

    @Test
    void settingsAreAtMost8Kib() {
        assertThat(create("settings", Map.of("x", "y".repeat(8000))).status()).isEqualTo(201);
        assertThat(faults(create("settings", Map.of("x", "y".repeat(8192)))))
                .containsExactly("#/settings invalid_value");
        assertThat(faults(create("settings", Map.of("x", "\u00fc".repeat(4100)))))
                .containsExactly("#/settings invalid_value");
        assertThat(faults(create("settings", Map.of("x", "y".repeat(8192), "theme", "blue"))))
                .containsExactlyInAnyOrder("#/settings invalid_value", "#/settings/theme invalid_value");
    }

    @Test
    void readOnlyMembersAreIgnoredSoThatGetEditPutWorks() {
        String path = USERS + "/" + api.newUser("member").id();
        Map<String, Object> user =
                Api.JSON.convertValue(api.admin().get(path).data(), new tools.jackson.core.type.TypeReference<>() {});
        Map<String, Object> edited = new HashMap<>(user);
        edited.put("name", "Edited");
        edited.put("id", "usr_other");
        edited.put("created_at", null);
        edited.put("updated_at", 7);

        Answer answer = api.admin().put(path, edited);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        Map<String, Object> after =
                Api.JSON.convertValue(api.admin().get(path).data(), new tools.jackson.core.type.TypeReference<>() {});
        user.put("name", "Edited");
        assertThat(after).isEqualTo(user);
    }

    @Test
    void updatedAtChangesOnlyWithAChange() {
        String path = USERS + "/" + api.create("member");
        JsonNode before = api.admin().get(path).data();

        Answer nothing = api.admin().put(path, Map.of());
        assertThat(nothing.data().get("updated_at").isNull()).isTrue();
        Answer same = api.admin()
                .put(
                        path,
                        Map.of(
                                "name", before.get("name").stringValue(),
                                "status", "pending",
                                "settings", Map.of("theme", "system")));
        assertThat(same.data().get("updated_at").isNull()).isTrue();
        Answer change = api.admin().put(path, Map.of("name", "Other"));
        assertThat(change.data().get("updated_at").isNull()).isFalse();
        assertThat(api.admin().put(path, Map.of("name", "Other")).data()).isEqualTo(change.data());
    }

    @Test
    void putRefusesAPassword() {
        String path = USERS + "/" + api.create("member");

        assertThat(faults(api.admin().put(path, Map.of("password", Api.PASSWORD))))
                .containsExactly("#/password unknown_member");
        assertThat(api.admin().put(path, Map.of("password", Api.PASSWORD)).text())
                .contains("PUT /api/v1/users/me/password");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "usr_", "usr_1", "me2", "usr_8zzzzzzzzzzzzzzzzzzzzzzzzz", "usr_01H455VB4PEX5VSKNK084SN02Q",
                "org_01h455vb4pex5vsknk084sn02q", "01h455vb4pex5vsknk084sn02q", "%00", "..%2f", "usr_%F0%9F%98%80",
                "usr_01h455vb4pex5vsknk084sn02q%20", "%ff", "%c0%af", "%5c"
            })
    void malformedIdsAnswer404(String id) {
        assertThat(api.admin().get(USERS + "/" + id).status()).isEqualTo(404);
        assertThat(api.admin().delete(USERS + "/" + id).status()).isEqualTo(404);
        assertThat(api.admin().put(USERS + "/" + id, Map.of("name", "x")).status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{}{}",
                "{} x",
                "nul",
                "NaN",
                "{'a':1}",
                "{\"email\":\"a\",\"email\":\"b\"}",
                "{\"a\":01}",
                "{\"a\":\"\n\"}",
                "{\"a\":1,}",
                "// c\n{}",
                "{\"name\":\"\\ud800\"}",
                "{\"\\udc00\":1}",
                "{\"a\":\"\\x\"}",
                "{\"settings\":{\"a\":1,\"a\":2}}"
            })
    void malformedJsonAnswers400(String body) {
        assertThat(faults(api.admin().send("POST", USERS, body))).containsExactly("# malformed_json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{\"a\":1,\"a\":2}~has a duplicate key, at line 1",
                "{\"a\":~is not valid JSON, at line 1",
                "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[~is nested more than 32 levels deep"
            })
    void faultsOfMalformedJsonSayWhatIsWrong(String body, String detail) {
        assertThat(api.admin()
                        .send("POST", USERS, body)
                        .body()
                        .at("/errors/0/detail")
                        .stringValue())
                .startsWith(detail);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"x\"", "1", "true", "null"})
    void bodyThatIsNotAnObjectAnswers400(String body) {
        assertThat(faults(api.admin().send("POST", USERS, body))).containsExactly("# wrong_type");
    }

    @Test
    void invalidUtf8Answers400() {
        byte[] overlong = "{\"name\":\"ab\"}".getBytes(StandardCharsets.ISO_8859_1);
        overlong[9] = (byte) 0xC0;
        overlong[10] = (byte) 0xAF;
        byte[] utf16 = "{\"name\":\"ab\"}".getBytes(StandardCharsets.UTF_16LE);
        byte[] surrogate = {'{', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', ':', '1', '}'};

        for (byte[] body : List.of(overlong, utf16, surrogate)) {
            assertThat(faults(api.admin().sendBytes("POST", USERS, body)))
                    .as(Arrays.toString(body))
                    .containsExactly("# malformed_json");
        }
    }

    @Test
    void nestingIsBounded() {
        String path = USERS + "/" + api.create("member");

        for (int depth : new int[] {33, 1000, 30000}) {
            String deep = "{\"settings\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
            assertThat(faults(api.admin().send("PUT", path, deep))).containsExactly("# malformed_json");
        }
        String allowed = "{\"settings\":{\"x\":" + "[".repeat(30) + "]".repeat(30) + "}}";
        assertThat(api.admin().send("PUT", path, allowed).status()).isEqualTo(200);
    }

    @Test
    void bodySizeIsBounded() {
        String fill = "{\"name\":\"" + "x".repeat(65_524) + "\"}";
        assertThat(fill).hasSize(65_535);
        String path = USERS + "/" + api.create("member");

        assertThat(faults(api.admin().send("PUT", path, fill + " "))).containsExactly("#/name invalid_value");
        Answer over = api.admin().send("PUT", path, fill + "  ");
        assertThat(over.status()).isEqualTo(413);
        assertThat(over.code()).isEqualTo("content_too_large");
    }

    @Test
    void bodyOfTenMegabytesAnswers413WithoutBeingRead() {
        String head = "POST /api/v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Connection: close\r\nAuthorization: Bearer " + api.admin().token() + "\r\n";

        Answer announced = RawHttp.send(api.port(), head + "Content-Length: 10485760\r\n\r\n{");
        assertThat(announced.status()).isEqualTo(413);

        Answer chunked = RawHttp.send(
                api.port(),
                head + "Transfer-Encoding: chunked\r\n\r\n" + ("8000\r\n" + " ".repeat(0x8000) + "\r\n").repeat(3));
        assertThat(chunked.status()).isEqualTo(413);
    }
}
