package dev.usersapi.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.role.Permission;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OpenApiDocument;
import dev.usersapi.support.TrustedIssuerTest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * Every operation of the OpenAPI document with every kind of caller: {@code y} passes the access rules, all others are
 * refused with 401 or 403. The requests are invalid, so that they change nothing if they pass. {@link PermissionIT} tests
 * the checks that depend on the target of a request.
 *
 * <p>Both API keys belong to an admin: {@code key} has no permissions and {@code fullkey} has all. Tokens of the trusted
 * issuer have all permissions.
 */
@ApiTest
class EndpointAccessIT extends TrustedIssuerTest {

    private static final String TABLE = """
            # operation,                                          user,  anon.,  member, viewer, editor, admin,  key,    fullkey, issuer
            GET /api/v1/users,                                    any,   -,      -,      y,      y,      y,      -,      y,      y
            POST /api/v1/users,                                   any,   -,      -,      -,      y,      y,      -,      y,      y
            GET /api/v1/users/{user_id},                          own,   -,      y,      y,      y,      y,      y,      y,      y
            GET /api/v1/users/{user_id},                          other, -,      -,      y,      y,      y,      -,      y,      y
            PUT /api/v1/users/{user_id},                          own,   -,      y,      y,      y,      y,      -,      y,      y
            PUT /api/v1/users/{user_id},                          other, -,      -,      -,      y,      y,      -,      y,      y
            PATCH /api/v1/users/{user_id},                        own,   -,      y,      y,      y,      y,      -,      y,      y
            PATCH /api/v1/users/{user_id},                        other, -,      -,      -,      y,      y,      -,      y,      y
            DELETE /api/v1/users/{user_id},                       own,   -,      -,      -,      -,      y,      -,      y,      y
            DELETE /api/v1/users/{user_id},                       other, -,      -,      -,      -,      y,      -,      y,      y
            GET /api/v1/users/{user_id}/failed-logins,            own,   -,      y,      y,      y,      y,      -,      y,      y
            GET /api/v1/users/{user_id}/failed-logins,            other, -,      -,      -,      y,      y,      -,      y,      y
            DELETE /api/v1/users/{user_id}/failed-logins,         own,   -,      -,      -,      y,      y,      -,      y,      y
            DELETE /api/v1/users/{user_id}/failed-logins,         other, -,      -,      -,      y,      y,      -,      y,      y
            GET /api/v1/users/{user_id}/totp,                     own,   -,      y,      y,      y,      y,      -,      y,      y
            GET /api/v1/users/{user_id}/totp,                     other, -,      -,      y,      y,      y,      -,      y,      y
            POST /api/v1/users/{user_id}/totp,                    own,   -,      y,      y,      y,      y,      -,      -,      -
            POST /api/v1/users/{user_id}/totp,                    other, -,      -,      -,      -,      -,      -,      -,      -
            DELETE /api/v1/users/{user_id}/totp,                  own,   -,      -,      -,      y,      y,      -,      y,      y
            DELETE /api/v1/users/{user_id}/totp,                  other, -,      -,      -,      y,      y,      -,      y,      y
            POST /api/v1/users/{user_id}/totp/confirm,            own,   -,      y,      y,      y,      y,      -,      -,      -
            POST /api/v1/users/{user_id}/totp/confirm,            other, -,      -,      -,      -,      -,      -,      -,      -
            POST /api/v1/users/{user_id}/totp/disable,            own,   -,      y,      y,      y,      y,      -,      -,      -
            POST /api/v1/users/{user_id}/totp/disable,            other, -,      -,      -,      -,      -,      -,      -,      -
            POST /api/v1/users/{user_id}/invitation,              own,   -,      -,      -,      y,      y,      -,      y,      y
            POST /api/v1/users/{user_id}/invitation,              other, -,      -,      -,      y,      y,      -,      y,      y
            POST /api/v1/users/{user_id}/password-reset,          own,   -,      -,      -,      y,      y,      -,      y,      y
            POST /api/v1/users/{user_id}/password-reset,          other, -,      -,      -,      y,      y,      -,      y,      y
            PUT /api/v1/users/{user_id}/password,                 own,   -,      y,      y,      y,      y,      -,      -,      -
            PUT /api/v1/users/{user_id}/password,                 other, -,      -,      -,      -,      -,      -,      -,      -
            POST /api/v1/users/{user_id}/email,                   own,   -,      y,      y,      y,      y,      -,      -,      -
            POST /api/v1/users/{user_id}/email,                   other, -,      -,      -,      -,      -,      -,      -,      -
            GET /api/v1/users/{user_id}/sessions,                 own,   -,      y,      y,      y,      y,      -,      y,      y
            GET /api/v1/users/{user_id}/sessions,                 other, -,      -,      -,      -,      y,      -,      y,      y
            DELETE /api/v1/users/{user_id}/sessions,              own,   -,      y,      y,      y,      y,      -,      y,      y
            DELETE /api/v1/users/{user_id}/sessions,              other, -,      -,      -,      -,      y,      -,      y,      y
            DELETE /api/v1/users/{user_id}/sessions/{session_id}, own,   -,      y,      y,      y,      y,      -,      y,      y
            DELETE /api/v1/users/{user_id}/sessions/{session_id}, other, -,      -,      -,      -,      y,      -,      y,      y
            POST /api/v1/auth/activate,                           any,   y,      y,      y,      y,      y,      y,      y,      y
            POST /api/v1/auth/password/forgot,                    any,   y,      y,      y,      y,      y,      y,      y,      y
            POST /api/v1/auth/password/reset,                     any,   y,      y,      y,      y,      y,      y,      y,      y
            POST /api/v1/auth/email/confirm,                      any,   y,      y,      y,      y,      y,      y,      y,      y
            POST /api/v1/auth/login,                              any,   y,      y,      y,      y,      y,      y,      y,      y
            POST /api/v1/auth/refresh,                            any,   y,      y,      y,      y,      y,      y,      y,      y
            POST /api/v1/auth/logout,                             any,   -,      y,      y,      y,      y,      -,      -,      -
            GET /api/v1/roles,                                    any,   -,      -,      y,      y,      y,      -,      y,      y
            POST /api/v1/roles,                                   any,   -,      -,      -,      -,      y,      -,      y,      y
            GET /api/v1/roles/{name},                             any,   -,      -,      y,      y,      y,      -,      y,      y
            PUT /api/v1/roles/{name},                             any,   -,      -,      -,      -,      y,      -,      y,      y
            DELETE /api/v1/roles/{name},                          any,   -,      -,      -,      -,      y,      -,      y,      y
            GET /api/v1/api-keys,                                 any,   -,      y,      y,      y,      y,      -,      -,      -
            POST /api/v1/api-keys,                                any,   -,      y,      y,      y,      y,      -,      -,      -
            GET /api/v1/api-keys/{key_id},                        any,   -,      y,      y,      y,      y,      -,      -,      -
            DELETE /api/v1/api-keys/{key_id},                     any,   -,      y,      y,      y,      y,      -,      -,      -
            GET /api/v1/signing-keys,                             any,   -,      -,      -,      -,      y,      -,      y,      y
            POST /api/v1/signing-keys,                            any,   -,      -,      -,      -,      y,      -,      y,      y
            DELETE /api/v1/signing-keys/{kid},                    any,   -,      -,      -,      -,      y,      -,      y,      y
            GET /actuator/info,                                   any,   -,      -,      -,      -,      y,      -,      y,      y
            GET /actuator/prometheus,                             any,   -,      -,      -,      -,      y,      -,      y,      y
            GET /.well-known/jwks.json,                           any,   y,      y,      y,      y,      y,      y,      y,      y
            GET /problems/{slug},                                 any,   y,      y,      y,      y,      y,      y,      y,      y
            GET /v3/api-docs,                                     any,   y,      y,      y,      y,      y,      y,      y,      y
            GET /v3/api-docs.yaml,                                any,   y,      y,      y,      y,      y,      y,      y,      y
            GET /docs,                                            any,   y,      y,      y,      y,      y,      y,      y,      y
            GET /actuator/health,                                 any,   y,      y,      y,      y,      y,      y,      y,      y
            GET /actuator/health/liveness,                        any,   y,      y,      y,      y,      y,      y,      y,      y
            GET /actuator/health/readiness,                       any,   y,      y,      y,      y,      y,      y,      y,      y
            """;

    private static final List<String> CALLERS =
            List.of("anonymous", "member", "viewer", "editor", "admin", "key", "full key", "issuer");
    private static final Map<String, Client> KNOWN = new HashMap<>();

    @Autowired
    private Api api;

    @ParameterizedTest
    @CsvSource(textBlock = TABLE)
    void operationAnswers401Or403UnlessTheTableAllowsTheCaller(
            String operation,
            String user,
            String anonymous,
            String member,
            String viewer,
            String editor,
            String admin,
            String key,
            String fullKey,
            String issuer) {
        String[] words = operation.split(" ", 2);
        String path = path(words[1], user.equals("own") ? "me" : "usr_01h455vb4pex5vsknk084sn02q");

        List<String> cells = List.of(anonymous, member, viewer, editor, admin, key, fullKey, issuer);
        for (int i = 0; i < CALLERS.size(); i++) {
            String caller = CALLERS.get(i);
            Answer answer = KNOWN.computeIfAbsent(caller, this::caller).send(words[0], path + "?x=1");
            if (cells.get(i).equals("y")) {
                assertThat(answer.status()).as("%s as %s", operation, caller).isIn(200, 400, 404, 415);
            } else {
                assertThat(answer.status())
                        .as("%s as %s", operation, caller)
                        .isEqualTo(caller.equals("anonymous") ? 401 : 403);
            }
        }
    }

    /**
     * Every operation needs the permission that its security requirement names. If the requirement has an alternative
     * without a permission, every user can use the operation for their own account.
     */
    @Test
    void openApiDocumentNamesThePermissionOfEachOperation() {
        OpenApiDocument document = OpenApiDocument.load();
        Map<String, Client> holders = new HashMap<>();
        Map<String, Client> others = new HashMap<>();
        Client member = api.newUser("member");

        for (String operation : document.operations()) {
            String[] words = operation.split(" ", 2);
            JsonNode described = document.json().get("paths").get(words[1]).get(words[0].toLowerCase(Locale.ROOT));
            Set<String> alternatives = new TreeSet<>();
            described
                    .path("security")
                    .forEach(alternative ->
                            alternatives.add(alternative.get("bearer").path(0).stringValue("")));
            boolean isPublic = described.has("security") && alternatives.isEmpty();
            boolean own = !described.has("security") || alternatives.remove("");

            String path = path(words[1], "me");
            assertThat(passesAccessRules(api.anonymous(), words[0], path))
                    .as(operation)
                    .isEqualTo(isPublic);
            assertThat(passesAccessRules(member, words[0], path)).as(operation).isEqualTo(isPublic || own);
            for (String permission : alternatives) {
                String another = path(words[1], "usr_01h455vb4pex5vsknk084sn02q");
                assertThat(passesAccessRules(
                                holders.computeIfAbsent(permission, any -> api.newUser(api.newRole(any))),
                                words[0],
                                another))
                        .as(operation + " with " + permission)
                        .isTrue();
                assertThat(passesAccessRules(others.computeIfAbsent(permission, this::withAllBut), words[0], another))
                        .as(operation + " without " + permission)
                        .isFalse();
            }
        }
    }

    private Client withAllBut(String permission) {
        return api.newUser(api.newRole(Arrays.stream(Permission.values())
                .map(Permission::toString)
                .filter(other -> !other.equals(permission))
                .toArray(String[]::new)));
    }

    private static boolean passesAccessRules(Client caller, String method, String path) {
        return !Set.of(401, 403).contains(caller.send(method, path + "?x=1").status());
    }

    private static String path(String template, String user) {
        return template.replace("{user_id}", user)
                .replace("{session_id}", "ses_01h455vb4pex5vsknk084sn02q")
                .replace("{key_id}", "key_01h455vb4pex5vsknk084sn02q")
                .replace("{name}", "unknown")
                .replace("{kid}", "unknown")
                .replace("{slug}", "not-found");
    }

    @Test
    void tableContainsEveryOperation() {
        Set<String> expected = new TreeSet<>();
        OpenApiDocument.load().operations().forEach(operation -> {
            if (operation.contains("{user_id}")) {
                expected.add(operation + ", own");
                expected.add(operation + ", other");
            } else {
                expected.add(operation + ", any");
            }
        });

        assertThat(TABLE.lines()
                        .filter(line -> !line.startsWith("#"))
                        .map(line -> line.replaceAll("^([^,]*), *(\\w+),.*", "$1, $2")))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    private Client caller(String kind) {
        return switch (kind) {
            case "anonymous" -> api.anonymous();
            case "key" -> api.program(api.newUser("admin"));
            case "full key" ->
                api.program(
                        api.newUser("admin"),
                        Arrays.stream(Permission.values())
                                .map(Permission::toString)
                                .toArray(String[]::new));
            case "issuer" -> api.anonymous().with("Authorization", "Bearer " + token());
            default -> api.newUser(kind);
        };
    }
}
