package dev.usersapi.role;

import static dev.usersapi.support.Api.faults;
import static dev.usersapi.support.Api.uuid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.BlockingTransaction;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The endpoints of roles, the effect of roles on users, and attempts to gain permissions through them. */
@ApiTest
public class RoleIT {

    private static final String ROLES = "/api/v1/roles";

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @Autowired
    private JdbcConnectionDetails connection;

    private static String newName() {
        return "role-" + UUID.randomUUID();
    }

    private static String path(String name) {
        return ROLES + "/" + name;
    }

    /** A user who may change roles and read users. */
    private Client roleManager() {
        return api.newUser(api.newRole("roles:write", "users:read"));
    }

    @Test
    void roleIsCreatedReadChangedAndDeleted() {
        String name = newName();

        Answer created = api.admin()
                .post(
                        ROLES,
                        Map.of(
                                "name",
                                name,
                                "description",
                                "  Ends sessions ",
                                "permissions",
                                List.of("users:read", "sessions:delete", "users:read")));

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo(path(name));
        assertThat(created.data())
                .isEqualTo(
                        Api.JSON.readTree(
                                "{\"name\":\"" + name
                                        + "\",\"description\":\"Ends sessions\",\"permissions\":[\"sessions:delete\",\"users:read\"]}"));
        assertThat(api.admin().get(path(name)).data()).isEqualTo(created.data());
        assertThat(names(api.admin().get(ROLES).data()))
                .contains("admin", "editor", "viewer", "member", name)
                .isSorted();

        Answer described = api.admin().put(path(name), Map.of("name", name, "description", "New"));
        assertThat(described.status()).isEqualTo(200);
        assertThat(described.data().get("description").stringValue()).isEqualTo("New");
        assertThat(described.data().get("permissions")).isEqualTo(created.data().get("permissions"));
        Answer withNull = api.admin().send("PUT", path(name), "{\"name\":null,\"permissions\":null}");
        assertThat(withNull.data()).isEqualTo(described.data());
        Answer changed = api.admin().put(path(name), Map.of("permissions", List.of("metrics:read")));
        assertThat(changed.data().toString()).contains("\"New\"", "[\"metrics:read\"]");
        assertThat(api.admin().get(path(name)).data()).isEqualTo(changed.data());

        assertThat(api.admin().delete(path(name)).status()).isEqualTo(204);
        assertThat(api.admin().delete(path(name)).code()).isEqualTo("role_not_found");
        assertThat(api.admin().get(path(name)).code()).isEqualTo("role_not_found");
        assertThat(api.admin().put(path(name), Map.of("description", "x")).code())
                .isEqualTo("role_not_found");
    }

    private static List<String> names(JsonNode roles) {
        return roles.valueStream().map(role -> role.get("name").stringValue()).toList();
    }

    @Test
    void createNeedsOnlyAName() {
        Answer answer = api.admin().post(ROLES, Map.of("name", newName()));

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.data().get("description").stringValue()).isEmpty();
        assertThat(answer.data().get("permissions")).isEmpty();
    }

    @Test
    void builtInRolesHaveDescriptions() {
        assertThat(api.admin()
                        .get(ROLES)
                        .data()
                        .valueStream()
                        .filter(role -> List.of("admin", "editor", "viewer", "member")
                                .contains(role.get("name").stringValue())))
                .hasSize(4)
                .allSatisfy(role ->
                        assertThat(role.get("description").stringValue()).isNotEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "1a", "-a", "a b", "a/b", "rôle", "a\n", " a"})
    void createAnswers400ForAnInvalidName(String name) {
        assertThat(faults(api.admin().post(ROLES, Map.of("name", name)))).containsExactly("#/name invalid_value");
    }

    @Test
    void createAnswers400ForTooLongTexts() {
        Client admin = api.admin();
        String longest = "a".repeat(63 - 36) + UUID.randomUUID();
        assertThat(admin.post(ROLES, Map.of("name", longest, "description", "\uD83D\uDE00".repeat(500)))
                        .status())
                .isEqualTo(201);

        assertThat(faults(admin.post(ROLES, Map.of("name", "a" + longest, "description", "x".repeat(501)))))
                .containsExactly("#/name invalid_value", "#/description invalid_value");
        assertThat(faults(admin.put(path(longest), Map.of("description", "a\u0000b"))))
                .containsExactly("#/description invalid_value");
    }

    @Test
    void createAnswers400AndNamesEveryInvalidPermission() {
        Map<String, Object> body = new HashMap<>(Map.of("name", newName()));
        body.put("permissions", List.of("users:read", "users:raed", 5, "USERS:READ", "users_read"));
        assertThat(faults(api.admin().post(ROLES, body)))
                .containsExactly(
                        "#/permissions/1 invalid_value",
                        "#/permissions/2 wrong_type",
                        "#/permissions/3 invalid_value",
                        "#/permissions/4 invalid_value");

        body.put("permissions", Collections.singletonList(null));
        assertThat(faults(api.admin().post(ROLES, body))).containsExactly("#/permissions/0 null_value");
        body.put("permissions", "users:read");
        assertThat(faults(api.admin().post(ROLES, body))).containsExactly("#/permissions wrong_type");
        body.put("permissions", Map.of());
        assertThat(faults(api.admin().post(ROLES, body))).containsExactly("#/permissions wrong_type");
        body.put("permissions", List.of(List.of("users:read")));
        assertThat(faults(api.admin().post(ROLES, body))).containsExactly("#/permissions/0 wrong_type");
        body.put("permissions", Collections.nCopies(101, "x"));
        assertThat(faults(api.admin().post(ROLES, body))).containsExactly("#/permissions invalid_length");
        assertThat(faults(api.admin().send("POST", ROLES, "{\"permissions\":null,\"id\":1}")))
                .containsExactlyInAnyOrder("#/id unknown_member", "#/name required");
    }

    @Test
    void updateAnswers400ForAnotherName() {
        String name = api.newRole();

        assertThat(faults(api.admin().put(path(name), Map.of("name", newName()))))
                .containsExactly("#/name invalid_value");
        assertThat(api.admin().get(path(name)).status()).isEqualTo(200);
    }

    @Test
    void createAnswers409WhenTheNameIsTaken() {
        String name = api.newRole();

        assertThat(api.admin().post(ROLES, Map.of("name", name)).code()).isEqualTo("role_taken");
        assertThat(api.admin().post(ROLES, Map.of("name", "admin")).code()).isEqualTo("role_taken");
    }

    @Test
    void createAnswers409WhenThereAreAThousandRoles() {
        String start = newName().substring(0, 20);
        database.sql("insert into roles (name) select ? || n"
                        + " from generate_series(1, 1000 - (select count(*) from roles)) n")
                .param(start)
                .update();
        try {
            assertThat(api.admin().post(ROLES, Map.of("name", newName())).code())
                    .isEqualTo("too_many_roles");
            assertThat(api.admin().post(ROLES, Map.of("name", "viewer")).code()).isEqualTo("role_taken");
            assertThat(api.admin().get(ROLES).data()).hasSize(1000);
        } finally {
            database.sql("delete from roles where name like ? || '%'")
                    .param(start)
                    .update();
        }
    }

    @Test
    void callerCannotCreateOrChangeARoleWithPermissionsTheyLack() {
        Client roleManager = roleManager();
        String own = roleManager.get("/api/v1/users/me").data().get("role").stringValue();
        String lesser = api.newRole("users:read");
        String greater = api.newRole("users:read", "users:delete");

        for (Answer answer : List.of(
                roleManager.post(ROLES, Map.of("name", newName(), "permissions", List.of("users:delete"))),
                roleManager.put(path(lesser), Map.of("permissions", List.of("users:read", "users:write"))),
                roleManager.put(path(own), Map.of("permissions", List.of("roles:write", "users:read", "users:write"))),
                roleManager.put(path(greater), Map.of("permissions", List.of("users:read"))),
                roleManager.put(path(greater), Map.of("description", "Mine")),
                roleManager.delete(path(greater)),
                roleManager.put(path("admin"), Map.of("description", "Mine")),
                roleManager.delete(path("admin")))) {
            assertThat(answer.code()).isEqualTo("insufficient_permissions");
        }
        assertThat(roleManager
                        .post(ROLES, Map.of("name", newName(), "permissions", List.of("users:read")))
                        .status())
                .isEqualTo(201);
        assertThat(roleManager
                        .put(path(lesser), Map.of("permissions", List.of("roles:write")))
                        .status())
                .isEqualTo(200);
        assertThat(roleManager.delete(path(lesser)).status()).isEqualTo(204);
    }

    @Test
    void updateAnswers403WhenTheRoleGainsAPermissionMeanwhile() throws Exception {
        Client roleManager = roleManager();
        String name = api.newRole("users:read");
        CompletableFuture<Answer> changing;
        try (BlockingTransaction other = new BlockingTransaction(connection)) {
            other.run("update roles set description = 'Wider' where name = ?", name)
                    .run("insert into role_permissions values (?, 'users:delete')", name);
            changing = CompletableFuture.supplyAsync(
                    () -> roleManager.put(path(name), Map.of("permissions", List.of("users:read", "roles:write"))));
            other.commitOnceBlocking();
        }

        assertThat(changing.join().code()).isEqualTo("insufficient_permissions");
        assertThat(api.admin().get(path(name)).data().get("permissions").toString())
                .isEqualTo("[\"users:delete\",\"users:read\"]");
    }

    @Test
    void adminRoleKeepsItsPermissionsAndTheDefaultRoleCannotBeDeleted() {
        Client admin = api.admin();
        JsonNode before = admin.get(path("admin")).data();

        assertThat(admin.put(path("admin"), Map.of("permissions", List.of())).code())
                .isEqualTo("role_protected");
        assertThat(admin.put(path("admin"), Map.of("permissions", List.of("roles:write", "users:read")))
                        .code())
                .isEqualTo("role_protected");
        assertThat(admin.delete(path("admin")).code()).isEqualTo("role_protected");
        assertThat(admin.delete(path("member")).code()).isEqualTo("role_protected");
        assertThat(admin.put(path("admin"), before).data())
                .as("the response of GET can be sent back")
                .isEqualTo(before);
        assertThat(admin.put(path("admin"), Map.of("description", "Those in charge"))
                        .data()
                        .get("permissions"))
                .isEqualTo(before.get("permissions"));
        assertThat(admin.put(path("admin"), before).status()).isEqualTo(200);
    }

    @Test
    void updateKeepsPermissionsOfANewerVersion() {
        String name = api.newRole("users:read");
        for (String role : List.of("admin", name)) {
            database.sql("insert into role_permissions values (?, 'future:thing')")
                    .param(role)
                    .update();
            assertThat(api.admin()
                            .put(path(role), api.admin().get(path(role)).data())
                            .status())
                    .isEqualTo(200);
        }
        api.admin().put(path(name), Map.of("permissions", List.of("users:write")));

        String stored =
                "select role || ' ' || permission from role_permissions where role = any (?) and permission = any (?)";
        assertThat(database.sql(stored)
                        .param(new String[] {"admin", name})
                        .param(new String[] {"future:thing", "users:read", "users:write"})
                        .query(String.class)
                        .list())
                .containsExactlyInAnyOrder(
                        "admin future:thing",
                        "admin users:read",
                        "admin users:write",
                        name + " future:thing",
                        name + " users:write");
        database.sql("delete from role_permissions where permission = 'future:thing'")
                .update();
    }

    @Test
    void deleteAnswers409WhenAUserHasTheRole() {
        String name = api.newRole("users:read");
        String user = api.create(name);

        assertThat(api.admin().delete(path(name)).code()).isEqualTo("role_in_use");
        api.admin().put("/api/v1/users/" + user, Map.of("role", "member"));
        assertThat(api.admin().delete(path(name)).status()).isEqualTo(204);
    }

    @Test
    void deleteAnswers409WhenTheRoleIsAssignedConcurrently() throws Exception {
        String name = api.newRole();
        UUID user = uuid(api.create("member"));
        CompletableFuture<Answer> deleting;
        try (BlockingTransaction other = new BlockingTransaction(connection)) {
            other.run("update users set role = ? where id = ?", name, user);
            deleting = CompletableFuture.supplyAsync(() -> api.admin().delete(path(name)));
            other.commitOnceBlocking();
        }

        assertThat(deleting.join().code()).isEqualTo("role_in_use");
    }

    @Test
    void roleCannotBeAssignedWhenItIsDeletedConcurrently() throws Exception {
        String user = "/api/v1/users/" + api.create("member");
        for (String method : List.of("POST", "PUT")) {
            String name = api.newRole();
            Map<String, String> creation =
                    Map.of("email", Api.newEmail(), "name", "N", "role", name, "password", Api.PASSWORD);
            CompletableFuture<Answer> giving;
            try (BlockingTransaction other = new BlockingTransaction(connection)) {
                other.run("delete from roles where name = ?", name);
                giving = CompletableFuture.supplyAsync(() -> method.equals("PUT")
                        ? api.admin().put(user, Map.of("role", name))
                        : api.admin().post("/api/v1/users", creation));
                other.commitOnceBlocking();
            }
            assertThat(faults(giving.join())).containsExactly("#/role invalid_value");
        }
    }

    @Test
    void changeTakesEffectAtOnceForUsersAndTheirApiKeys() {
        String name = api.newRole("users:read");
        Client user = api.newUser(name);
        Client program = api.program(user, "users:read");
        assertThat(user.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(program.get("/api/v1/users").status()).isEqualTo(200);

        for (int round = 0; round < 3; round++) {
            api.admin().put(path(name), Map.of("permissions", List.of()));
            assertThat(user.get("/api/v1/users").status()).isEqualTo(403);
            assertThat(program.get("/api/v1/users").status()).isEqualTo(403);

            api.admin().put(path(name), Map.of("permissions", List.of("users:read", "users:write")));
            assertThat(user.get("/api/v1/users").status()).isEqualTo(200);
            assertThat(program.get("/api/v1/users").status()).isEqualTo(200);
        }
        assertThat(program.put("/api/v1/users/" + api.create("member"), Map.of("name", "X"))
                        .code())
                .as("a key has no permissions beyond its own")
                .isEqualTo("insufficient_permissions");
    }

    @Test
    void changeTakesEffectAtOnceForThoseWhoMayAssignTheRole() {
        Client editor = api.newUser("editor");
        String name = api.newRole("users:read");
        String user = "/api/v1/users/" + api.create("member");
        assertThat(editor.put(user, Map.of("role", name)).status()).isEqualTo(200);

        api.admin().put(path(name), Map.of("permissions", List.of("users:read", "users:delete")));

        assertThat(editor.put(user, Map.of("role", "member")).status()).isEqualTo(403);
    }

    @Test
    void changeOnAnotherInstanceTakesEffectWithinFiveSeconds() {
        String name = api.newRole("users:read");
        Client user = api.newUser(name);
        Client program = api.program(user, "users:read");
        assertThat(user.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(program.get("/api/v1/users").status()).isEqualTo(200);

        // by SQL, as another instance would do it, so that this instance gets no event
        database.sql("delete from role_permissions where role = ?").param(name).update();

        await().atMost(Duration.ofSeconds(5))
                .until(() -> user.get("/api/v1/users").status() == 403
                        && program.get("/api/v1/users").status() == 403);
    }

    @Test
    void usersAreListedAndCountedByACustomRole() {
        String name = api.newRole();
        String user = api.create(name);

        Answer answer = api.admin().get("/api/v1/users?role=" + name);

        assertThat(answer.body().at("/meta/total").intValue()).isEqualTo(1);
        assertThat(answer.data().get(0).get("id").stringValue()).isEqualTo(user);
        api.admin().put("/api/v1/users/" + user, Map.of("role", "member"));
        assertThat(api.admin()
                        .get("/api/v1/users?role=" + name)
                        .body()
                        .at("/meta/total")
                        .intValue())
                .isZero();
        api.admin().delete(path(name));
        assertThat(api.admin().get("/api/v1/users?role=" + name).status()).isEqualTo(400);
    }

    @Test
    void userWithACustomRoleHasExactlyItsPermissions() {
        Client support = api.newUser(api.newRole("users:read", "users:write"));

        assertThat(support.post(
                                "/api/v1/users",
                                Map.of(
                                        "email",
                                        Api.newEmail(),
                                        "name",
                                        "N",
                                        "role",
                                        "editor",
                                        "password",
                                        Api.PASSWORD))
                        .status())
                .isEqualTo(201);
        assertThat(support.put("/api/v1/users/" + api.create("admin"), Map.of("name", "X"))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void unknownRolesAnswer404() {
        for (String name : List.of("nope", "ADMIN", "a%20b", "%C3%A4", "x".repeat(200))) {
            assertThat(api.admin().get(path(name)).status()).isEqualTo(404);
            assertThat(api.admin().delete(path(name)).status()).isEqualTo(404);
        }
    }
}
