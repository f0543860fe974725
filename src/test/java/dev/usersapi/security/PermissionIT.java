package dev.usersapi.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** The permissions of each role, and of API keys with one permission. */
@ApiTest
class PermissionIT {

    private static final Map<String, Client> CALLERS = new HashMap<>();

    private static final Map<String, String> NEW_PASSWORD =
            Map.of("current_password", Api.PASSWORD, "new_password", "another-" + Api.PASSWORD);

    @Autowired
    private Api api;

    private Client caller(String role) {
        return CALLERS.computeIfAbsent(role, name -> name.equals("anonymous") ? api.anonymous() : api.newUser(name));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            # call,              anonymous, member, viewer, editor, admin
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
            patch member,            401,    403,    403,    200,    200
            patch editor,            401,    403,    403,    200,    200
            patch admin,             401,    403,    403,    403,    200
            patch unknown,           401,    403,    403,    404,    404
            patch self,              401,    200,    200,    200,    200
            patch own role,          401,    403,    403,    403,    403
            patch own email,         401,    403,    403,    403,    403
            patch member to admin,   401,    403,    403,    403,    200
            rename self,             401,    200,    200,    200,    200
            set own settings,        401,    200,    200,    200,    200
            keep own role,           401,    200,    200,    200,    200
            change own email,        401,    403,    403,    403,    403
            change own role,         401,    403,    403,    403,    403
            change own status,       401,    403,    403,    403,    403
            delete member,           401,    403,    403,    403,    200
            delete admin,            401,    403,    403,    403,    200
            delete unknown,          401,    403,    403,    403,    404
            delete self,             401,    403,    403,    403,    403
            read failed logins,      401,    403,    403,    200,    200
            read own failed logins,  401,    200,    200,    200,    200
            clear failed logins,     401,    403,    403,    204,    204
            clear those of admin,    401,    403,    403,    403,    204
            clear those of unknown,  401,    403,    403,    404,    404
            clear own failed logins, 401,    403,    403,    403,    403
            read own totp,           401,    200,    200,    200,    200
            read totp of other,      401,    403,    200,    200,    200
            enrol own totp,          401,    200,    200,    200,    200
            enrol totp of other,     401,    403,    403,    403,    403
            confirm totp of other,   401,    403,    403,    403,    403
            disable totp of other,   401,    403,    403,    403,    403
            remove totp of member,   401,    403,    403,    204,    204
            remove totp of admin,    401,    403,    403,    403,    204
            remove totp of unknown,  401,    403,    403,    404,    404
            remove own totp,         401,    403,    403,    403,    403
            read metrics,            401,    403,    403,    403,    200
            invite pending member,   401,    403,    403,    202,    202
            invite pending admin,    401,    403,    403,    403,    202
            invite unknown,          401,    403,    403,    404,    404
            reset password of active member, 401, 403, 403,  202,    202
            reset password of active admin,  401, 403, 403,  403,    202
            reset password of unknown,       401, 403, 403,  404,    404
            change own password,     401,    204,    204,    204,    204
            change password of member, 401,  403,    403,    403,    403
            ask for own new email,   401,    202,    202,    202,    202
            ask for new email of member, 401, 403,   403,    403,    403
            log out,                 401,    204,    204,    204,    204
            list roles,              401,    403,    200,    200,    200
            get role,                401,    403,    200,    200,    200
            create role,             401,    403,    403,    403,    201
            update role,             401,    403,    403,    403,    200
            delete role,             401,    403,    403,    403,    204
            create key,              401,    201,    201,    201,    201
            create key to read,      401,    403,    201,    201,    201
            create key to delete,    401,    403,    403,    403,    201
            list own keys,           401,    200,    200,    200,    200
            list others' keys,       401,    403,    403,    403,    200
            delete own key,          401,    204,    204,    204,    204
            delete other's key,      401,    404,    404,    404,    204
            list own sessions,       401,    200,    200,    200,    200
            list sessions of other,  401,    403,    403,    403,    200
            list sessions of unknown,401,    403,    403,    403,    404
            end own other sessions,  401,    204,    204,    204,    204
            end own unknown session, 401,    404,    404,    404,    404
            end sessions of other,   401,    403,    403,    403,    204
            end session of other,    401,    403,    403,    403,    404
            end sessions of unknown, 401,    403,    403,    403,    404
            list signing keys,       401,    403,    403,    403,    200
            delete unknown key,      401,    403,    403,    403,    404
            """)
    void callAnswersTheStatusOfItsCell(String call, int anonymous, int member, int viewer, int editor, int admin) {
        Map<String, Integer> expected =
                Map.of("anonymous", anonymous, "member", member, "viewer", viewer, "editor", editor, "admin", admin);
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
            case "patch member", "patch editor", "patch admin" ->
                caller.patch(user(last(call)), Map.of("settings", Map.of("a", 1)));
            case "patch unknown" -> caller.patch(unknown, Map.of("name", "Renamed"));
            case "patch self" ->
                caller.patch("/api/v1/users/me", Map.of("name", "My Self", "settings", Map.of("theme", "dark")));
            case "patch own role" ->
                caller.patch("/api/v1/users/me", Map.of("role", role.equals("admin") ? "member" : "admin"));
            case "patch own email" -> caller.patch("/api/v1/users/me", Map.of("email", Api.newEmail()));
            case "patch member to admin" -> caller.patch(user("member"), Map.of("role", "admin"));
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
            case "read failed logins" -> caller.get(user("member") + "/failed-logins");
            case "read own failed logins" -> caller.get("/api/v1/users/me/failed-logins");
            case "clear failed logins" -> caller.delete(user("member") + "/failed-logins");
            case "clear those of admin" -> caller.delete(user("admin") + "/failed-logins");
            case "clear those of unknown" -> caller.delete(unknown + "/failed-logins");
            case "clear own failed logins" -> caller.delete("/api/v1/users/me/failed-logins");
            case "read own totp" -> caller.get("/api/v1/users/me/totp");
            case "read totp of other" -> caller.get(user("member") + "/totp");
            case "enrol own totp" -> caller.post("/api/v1/users/me/totp", Map.of("password", Api.PASSWORD));
            case "enrol totp of other" -> caller.post(user("member") + "/totp", Map.of("password", Api.PASSWORD));
            case "confirm totp of other" -> caller.post(user("member") + "/totp/confirm", Map.of("code", "123456"));
            case "disable totp of other" ->
                caller.post(user("member") + "/totp/disable", Map.of("password", Api.PASSWORD, "code", "123456"));
            case "remove totp of member", "remove totp of admin" -> caller.delete(user(last(call)) + "/totp");
            case "remove totp of unknown" -> caller.delete(unknown + "/totp");
            case "remove own totp" -> caller.delete("/api/v1/users/me/totp");
            case "read metrics" -> caller.get("/actuator/prometheus");
            case "invite pending member", "invite pending admin" ->
                caller.send("POST", user(last(call)) + "/invitation");
            case "invite unknown" -> caller.send("POST", unknown + "/invitation");
            case "reset password of active member", "reset password of active admin" ->
                caller.send("POST", "/api/v1/users/" + api.newUser(last(call)).id() + "/password-reset");
            case "reset password of unknown" -> caller.send("POST", unknown + "/password-reset");
            case "change own password" -> disposable(caller, role).put("/api/v1/users/me/password", NEW_PASSWORD);
            case "change password of member" -> caller.put(user("member") + "/password", NEW_PASSWORD);
            case "ask for own new email" -> caller.post("/api/v1/users/me/email", newEmail());
            case "ask for new email of member" -> caller.post(user("member") + "/email", newEmail());
            case "log out" -> disposable(caller, role).send("POST", "/api/v1/auth/logout");
            case "list roles" -> caller.get("/api/v1/roles");
            case "get role" -> caller.get("/api/v1/roles/member");
            case "create role" -> caller.post("/api/v1/roles", Map.of("name", "role-" + UUID.randomUUID()));
            case "update role" -> caller.put("/api/v1/roles/" + api.newRole(), Map.of("description", "New"));
            case "delete role" -> caller.delete("/api/v1/roles/" + api.newRole());
            case "create key" -> caller.post("/api/v1/api-keys", Map.of("name", "N"));
            case "create key to read", "create key to delete" ->
                caller.post("/api/v1/api-keys", Map.of("name", "N", "permissions", List.of("users:" + last(call))));
            case "list own keys" -> caller.get("/api/v1/api-keys?user_id=me");
            case "list others' keys" -> caller.get("/api/v1/api-keys?user_id=" + api.create("member"));
            case "delete own key" -> caller.delete(key(caller.id().isEmpty() ? api.newUser("member") : caller));
            case "delete other's key" -> caller.delete(key(api.newUser("member")));
            case "list own sessions" -> caller.get("/api/v1/users/me/sessions");
            case "list sessions of other" -> caller.get(user("admin") + "/sessions");
            case "list sessions of unknown" -> caller.get(unknown + "/sessions");
            case "end own other sessions" -> caller.delete("/api/v1/users/me/sessions");
            case "end own unknown session" -> caller.delete("/api/v1/users/me/sessions/ses_01h455vb4pex5vsknk084sn02q");
            case "end sessions of other" -> caller.delete(user("admin") + "/sessions");
            case "end session of other" -> caller.delete(user("member") + "/sessions/ses_01h455vb4pex5vsknk084sn02q");
            case "end sessions of unknown" -> caller.delete(unknown + "/sessions");
            case "list signing keys" -> caller.get("/api/v1/signing-keys");
            case "delete unknown key" -> caller.delete("/api/v1/signing-keys/unknown");
            default -> throw new IllegalArgumentException(call);
        };
    }

    private static String key(Client owner) {
        return "/api/v1/api-keys/"
                + owner.post("/api/v1/api-keys", Map.of("name", "N"))
                        .data()
                        .get("id")
                        .stringValue();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            # call by an admin's key,  without, with,               then
            get self,                  200,     users:read,         200
            list,                      403,     users:read,         200
            get other,                 403,     users:read,         200
            create member,             403,     users:write,        201
            create admin,              403,     users:write,        403
            update member,             403,     users:write,        200
            update editor,             403,     users:write,        403
            patch member,              403,     users:write,        200
            patch editor,              403,     users:write,        403
            patch self,                403,     users:write,        403
            rename self,               403,     users:write,        403
            change own email,          403,     users:write,        403
            change own role,           403,     users:write,        403
            invite pending member,     403,     users:write,        202
            invite pending admin,      403,     users:write,        403
            reset password of active member, 403, users:write,      202
            reset password of active admin,  403, users:write,      403
            change own password,       403,     users:write,        403
            ask for own new email,     403,     users:write,        403
            delete member,             403,     users:delete,       200
            delete admin,              403,     users:delete,       403
            delete self,               403,     users:delete,       403
            read metrics,              403,     metrics:read,       200
            list roles,                403,     users:read,         200
            create role,               403,     roles:write,        201
            create key,                403,     api_keys:read,      403
            list own keys,             403,     api_keys:read,      403
            list others' keys,         403,     api_keys:read,      403
            delete other's key,        403,     api_keys:delete,    403
            """)
    void apiKeyNeedsThePermissionOfTheCall(String call, int without, String permission, int with) {
        Client admin = caller("admin");
        Client program = CALLERS.computeIfAbsent("key", name -> api.program(admin));
        Client permitted = CALLERS.computeIfAbsent("key " + permission, name -> api.program(admin, permission));

        assertThat(call(call, "admin", program).status()).isEqualTo(without);
        Answer answer = call(call, "admin", permitted);
        assertThat(answer.status()).as(answer.text()).isEqualTo(with);
    }

    /** A caller of the same kind whose sessions may end: a new user if the caller is a user. */
    private Client disposable(Client caller, String role) {
        return caller.equals(CALLERS.get(role)) && !caller.id().isEmpty() ? api.newUser(role) : caller;
    }

    private static Map<String, String> newEmail() {
        return Map.of("email", Api.newEmail(), "password", Api.PASSWORD);
    }

    private String user(String role) {
        return "/api/v1/users/" + api.create(role);
    }

    private static String last(String call) {
        return call.substring(call.lastIndexOf(' ') + 1);
    }

    @Test
    void refusedChangesOfTheOwnAccountHaveTheirOwnErrorCodes() {
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
    void headNeedsTheSamePermissionAsGet() {
        assertThat(caller("member").send("HEAD", "/api/v1/users").status()).isEqualTo(403);
        assertThat(caller("viewer").send("HEAD", "/api/v1/users").status()).isEqualTo(200);
        assertThat(api.anonymous().send("HEAD", user("member")).status()).isEqualTo(401);
    }

    @Test
    void editorCannotChangeUsersWithMorePermissions() {
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
