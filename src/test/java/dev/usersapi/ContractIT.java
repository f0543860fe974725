package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Checks every example of the contract, member by member. */
@ApiTest
class ContractIT {

    private static final String ID = "usr_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}";
    private static final String TIMESTAMP = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";

    @Autowired
    private Api api;

    @Test
    void listAnswersUsersAndMeta() {
        api.create("member");

        Answer answer = api.admin().get("/api/v1/users");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().propertyNames()).containsExactly("data", "meta");
        JsonNode newest = answer.data().get(0);
        assertThat(newest.propertyNames())
                .containsExactly("id", "email", "name", "role", "status", "created_at", "last_login");
        assertThat(newest.get("last_login").isNull()).isTrue();
        JsonNode meta = answer.body().get("meta");
        assertThat(meta.propertyNames()).containsExactly("total", "page", "limit", "pages");
        assertThat(meta.get("page").intValue()).isEqualTo(1);
        assertThat(meta.get("limit").intValue()).isEqualTo(20);
        int total = meta.get("total").intValue();
        assertThat(meta.get("pages").intValue()).isEqualTo((total + 19) / 20);
        assertThat(answer.data().size()).isEqualTo(Math.min(20, total));
    }

    @Test
    void getAnswersTheUserWithSettings() {
        Client user = api.newUser("admin");

        Answer answer = api.admin().get("/api/v1/users/" + user.id());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().propertyNames()).containsExactly("data");
        JsonNode data = answer.data();
        assertThat(data.propertyNames())
                .containsExactly("id", "email", "name", "role", "status", "created_at", "last_login", "settings");
        assertThat(data.get("id").stringValue()).isEqualTo(user.id()).matches(ID);
        assertThat(data.get("role").stringValue()).isEqualTo("admin");
        assertThat(data.get("status").stringValue()).isEqualTo("active");
        assertThat(data.get("created_at").stringValue()).matches(TIMESTAMP);
        assertThat(data.get("last_login").stringValue()).matches(TIMESTAMP);
        assertThat(data.get("settings")).isEqualTo(Api.JSON.readTree("""
                        {"theme":"system","notifications":true}"""));
    }

    @Test
    void createAnswers201WithTheNewUser() {
        String email = Api.newEmail();

        Answer answer = api.admin()
                .post(
                        "/api/v1/users",
                        Map.of(
                                "email", email,
                                "name", "Jane Smith",
                                "role", "editor",
                                "password", "securePassword123",
                                "settings", Map.of("theme", "dark", "notifications", true)));

        assertThat(answer.status()).isEqualTo(201);
        JsonNode data = answer.data();
        assertThat(data.propertyNames()).containsExactly("id", "email", "name", "role", "status", "created_at");
        assertThat(data.get("id").stringValue()).matches(ID);
        assertThat(data.get("email").stringValue()).isEqualTo(email);
        assertThat(data.get("name").stringValue()).isEqualTo("Jane Smith");
        assertThat(data.get("role").stringValue()).isEqualTo("editor");
        assertThat(data.get("status").stringValue()).isEqualTo("pending");
        assertThat(data.get("created_at").stringValue()).matches(TIMESTAMP);
        String location = "/api/v1/users/" + data.get("id").stringValue();
        assertThat(answer.header("Location")).isEqualTo(location);
        JsonNode stored = api.admin().get(location).data();
        assertThat(stored.get("created_at")).isEqualTo(data.get("created_at"));
        assertThat(stored.get("settings")).isEqualTo(Api.JSON.readTree("""
                        {"theme":"dark","notifications":true}"""));
    }

    @Test
    void updateChangesTheSentMembersAndNoOthers() {
        String email = Api.newEmail();
        String path = "/api/v1/users/" + api.create("editor", email);

        Answer answer = api.admin()
                .put(
                        path,
                        Map.of(
                                "name", "Jane Smith-Johnson",
                                "role", "admin",
                                "status", "active",
                                "settings", Map.of("theme", "system", "notifications", false)));

        assertThat(answer.status()).isEqualTo(200);
        JsonNode data = answer.data();
        assertThat(data.propertyNames())
                .containsExactly("id", "email", "name", "role", "status", "created_at", "updated_at");
        assertThat(data.get("email").stringValue()).isEqualTo(email);
        assertThat(data.get("name").stringValue()).isEqualTo("Jane Smith-Johnson");
        assertThat(data.get("role").stringValue()).isEqualTo("admin");
        assertThat(data.get("status").stringValue()).isEqualTo("active");
        assertThat(data.get("updated_at").stringValue()).matches(TIMESTAMP);
        assertThat(api.admin().get(path).data().at("/settings/notifications").booleanValue())
                .isFalse();
    }

    @Test
    void deleteAnswersTheContractsMessageOnceAndReleasesTheEmail() {
        String email = Api.newEmail();
        String path = "/api/v1/users/" + api.create("member", email);

        Answer answer = api.admin().delete(path);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("""
                {"success":true,"message":"User deleted successfully"}""");
        assertThat(api.admin().delete(path).code()).isEqualTo("user_not_found");
        assertThat(api.admin().get(path).status()).isEqualTo(404);
        api.create("member", email);
    }

    @Test
    void errorsHaveTheTextsOfTheContract() {
        String email = Api.newEmail();
        String id = api.create("member", email);
        Map<String, String> sameEmail = Map.of("email", email, "name", "X", "password", Api.PASSWORD);
        record Expected(Answer answer, int status, String title, String detail) {}

        List<Expected> cases = List.of(
                new Expected(api.admin().get("/api/v1/users?page=0"), 400, "Bad Request", "Invalid parameters"),
                new Expected(api.anonymous().get("/api/v1/users"), 401, "Unauthorized", "Authentication required"),
                new Expected(
                        api.newUser("member").get("/api/v1/users/" + id), 403, "Forbidden", "Insufficient permissions"),
                new Expected(api.admin().get("/api/v1/users/usr_1"), 404, "Not Found", "User does not exist"),
                new Expected(api.admin().post("/api/v1/users", sameEmail), 409, "Conflict", "Email already in use"));

        for (Expected expected : cases) {
            JsonNode problem = expected.answer.body();
            assertThat(expected.answer.status()).isEqualTo(expected.status);
            assertThat(expected.answer.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(problem.get("title").stringValue()).isEqualTo(expected.title);
            assertThat(problem.get("detail").stringValue()).isEqualTo(expected.detail);
            assertThat(problem.get("status").intValue()).isEqualTo(expected.status);
            assertThat(problem.get("request_id").stringValue()).isEqualTo(expected.answer.header("X-Request-Id"));
            assertThat(problem.get("type").stringValue())
                    .isEqualTo("/problems/" + expected.answer.code().replace('_', '-'));
            assertThat(problem.has("errors")).isEqualTo(expected.status == 400);
        }
    }
}
