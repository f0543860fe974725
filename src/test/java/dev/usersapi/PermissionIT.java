package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.Api.Answer;
import dev.usersapi.Api.Client;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** The permission table of the API, cell by cell. */
@ApiTest
class PermissionIT {

    private static final Map<String, Client> CALLERS = new HashMap<>();

    @Autowired
    private Api api;

    private Client caller(String role) {
        return CALLERS.computeIfAbsent(role, name -> name.equals("nobody") ? api.anonymous() : api.newUser(name));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            # call,                  nobody, member, viewer, editor, admin
            list,                    401,    403,    200,    200,    200
            get other,               401,    403,    200,    200,    200
            get unknown,             401,    403,    404,    404,    404
            get self,                401,    200,    200,    200,    200
            create member,           401,    403,    403,    201,    201
            create editor,           401,    403,    403,    201,    201
            create admin,            401,    403,    403,    403,    201
            update member,           401,    403,    403,    200,    200
            update editor,           401,    403,    403,    200,    200
            update admin,            401,    403,    403,    403,    200
            update unknown,          401,    403,    403,    404,    404
            promote member to editor,401,    403,    403,    200,    200
            promote member to admin, 401,    403,    403,    403,    200
            rename self,             401,    200,    200,    200,    200
            set own settings,        401,    200,    200,    200,    200
            keep own role,           401,    200,    200,    200,    200
            change own email,        401,    403,    403,    200,    200
            change own role,         401,    403,    403,    403,    403
            change own status,       401,    403,    403,    403,    403
            delete member,           401,    403,    403,    403,    200
            delete admin,            401,    403,    403,    403,    200
            delete unknown,          401,    403,    403,    403,    404
            delete self,             401,    403,    403,    403,    403
            read metrics,            401,    403,    403,    403,    200
            log out,                 401,    204,    204,    204,    204
            list signing keys,       401,    403,    403,    403,    200
            delete unknown key,      401,    403,    403,    403,    404
            """)
    void cellHolds(String call, int nobody, int member, int viewer, int editor, int admin) {
        Map<String, Integer> expected =
                Map.of("nobody", nobody, "member", member, "viewer", viewer, "editor", editor, "admin", admin);
        expected.forEach((role, status) -> {
            Answer answer = call(call, role, caller(role));
            assertThat(answer.status())
                    .as("%s as %s: %s", call, role, answer.text())
                    .isEqualTo(status);
        });
    }

    private Answer call(String call, String role, Client caller) {
        String unknown = "/api/v1/users/usr_01h455vb4pex5vsknk084sn02q";
        return switch (call) {
            case "list" -> caller.get("/api/v1/users");
            case "get other" -> caller.get(user("member"));
            case "get unknown" -> caller.get(unknown);
            case "get self" -> caller.get("/api/v1/users/me");
            case "create member", "create editor", "create admin" ->
                caller.post(
                        "/api/v1/users",
                        Map.of("email", Api.newEmail(), "name", "N", "role", last(call), "password", Api.PASSWORD));
            case "update member", "update editor", "update admin" ->
                caller.put(user(last(call)), Map.of("name", "Renamed"));
            case "update unknown" -> caller.put(unknown, Map.of("name", "Renamed"));
            case "promote member to editor", "promote member to admin" ->
                caller.put(user("member"), Map.of("role", last(call)));
            case "rename self" -> caller.put("/api/v1/users/me", Map.of("name", "My Self"));
            case "set own settings" -> caller.put("/api/v1/users/me", Map.of("settings", Map.of("theme", "dark")));
            case "keep own role" -> caller.put("/api/v1/users/me", Map.of("role", role, "status", "active"));
            case "change own email" -> caller.put("/api/v1/users/me", Map.of("email", Api.newEmail()));
            case "change own role" ->
                caller.put("/api/v1/users/me", Map.of("role", role.equals("admin") ? "member" : "admin"));
            case "change own status" -> caller.put("/api/v1/users/me", Map.of("status", "inactive"));
            case "delete member", "delete admin" -> caller.delete(user(last(call)));
            case "delete unknown" -> caller.delete(unknown);
            case "delete self" -> caller.delete("/api/v1/users/me");
            case "read metrics" -> caller.get("/actuator/prometheus");
            case "log out" -> (caller.id().isEmpty() ? caller : api.newUser(role)).send("POST", "/api/v1/auth/logout");
            case "list signing keys" -> caller.get("/api/v1/signing-keys");
            case "delete unknown key" -> caller.delete("/api/v1/signing-keys/unknown");
            default -> throw new IllegalArgumentException(call);
        };
    }

    private String user(String role) {
        return "/api/v1/users/" + api.create(role);
    }

    private static String last(String call) {
        return call.substring(call.lastIndexOf(' ') + 1);
    }

    @Test
    void refusalsOfOnesOwnAccountSayWhich() {
        Client admin = caller("admin");

        assertThat(admin.put("/api/v1/users/me", Map.of("role", "member")).code())
                .isEqualTo("own_role_or_status");
        assertThat(admin.delete("/api/v1/users/" + admin.id()).code()).isEqualTo("own_account");
    }

    @Test
    void permissionIsCheckedBeforeTheBodyIsRead() {
        assertThat(caller("viewer").send("POST", "/api/v1/users", "{").status()).isEqualTo(403);
        assertThat(caller("member")
                        .send("PUT", "/api/v1/users/" + api.admin().id(), "{")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void headNeedsThePermissionOfGet() {
        assertThat(caller("member").send("HEAD", "/api/v1/users").status()).isEqualTo(403);
        assertThat(caller("viewer").send("HEAD", "/api/v1/users").status()).isEqualTo(200);
        assertThat(api.anonymous().send("HEAD", user("member")).status()).isEqualTo(401);
    }

    @Test
    void editorCannotTouchWhoHoldsMore() {
        Client editor = caller("editor");
        String admin = user("admin");

        for (Object change : new Object[] {
            Map.of("name", "X"),
            Map.of("role", "member"),
            Map.of("status", "inactive"),
            Map.of("email", "x@example.com")
        }) {
            assertThat(editor.put(admin, change).code()).isEqualTo("insufficient_permissions");
        }
    }
}
