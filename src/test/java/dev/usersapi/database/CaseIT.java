package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.ApiTest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Case-insensitive comparisons do not depend on the locale of the database; all tests run with a Turkish locale. */
@ApiTest
class CaseIT {

    private static final String USERS = "/api/v1/users";

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    private final String lower = "iris-" + UUID.randomUUID() + "@example.info";
    private final String upper = lower.toUpperCase(Locale.ROOT);
    private String id = "";

    @BeforeEach
    void createUser() {
        id = api.create("member", upper);
        api.activate(id);
    }

    private Answer login(String email, String password) {
        return api.anonymous().post("/api/v1/auth/login", Map.of("email", email, "password", password));
    }

    private List<String> names(String query) {
        return api.admin()
                .get(USERS + "?" + query)
                .data()
                .valueStream()
                .map(user -> user.get("name").stringValue())
                .toList();
    }

    @Test
    void databaseHasATurkishLocale() {
        assertThat(database.sql("select lower('I')").query(String.class).single())
                .isEqualTo("\u0131");
    }

    @Test
    void emailIsCaseInsensitive() {
        assertThat(login(lower, Api.PASSWORD).status()).isEqualTo(200);
        assertThat(login(upper, Api.PASSWORD).status()).isEqualTo(200);
        assertThat(api.admin()
                        .get(USERS + "?email=" + lower)
                        .body()
                        .at("/meta/total")
                        .intValue())
                .isEqualTo(1);
        Answer taken = api.admin()
                .post(USERS, Map.of("email", lower, "name", "Iris", "role", "member", "password", Api.PASSWORD));
        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.code()).isEqualTo("email_taken");
    }

    @Test
    void failedLoginsAreCountedPerEmailInAnyCase() {
        assertThat(login(lower, "wrong").status()).isEqualTo(401);
        assertThat(login(upper, "wrong").status()).isEqualTo(401);

        assertThat(api.admin()
                        .get(USERS + "/" + id + "/failed-logins")
                        .data()
                        .get("failures")
                        .intValue())
                .isEqualTo(2);
    }

    @Test
    void searchIsCaseInsensitive() {
        String mark = UUID.randomUUID().toString();
        for (String name : List.of("IRINI \u039A\u03A9\u03A3\u03A4\u0391\u03A3", "irma \u03BA\u03C9\u03C2")) {
            String created = api.create("member");
            assertThat(api.admin()
                            .put(USERS + "/" + created, Map.of("name", name + " " + mark))
                            .status())
                    .isEqualTo(200);
        }

        assertThat(names("sort=name&q=" + mark))
                .as("sorted by code point, not by locale")
                .containsExactly(
                        "IRINI \u039A\u03A9\u03A3\u03A4\u0391\u03A3 " + mark, "irma \u03BA\u03C9\u03C2 " + mark);
        assertThat(names("q=irini&sort=-created_at").get(0)).endsWith(mark);
        assertThat(names("q=IRMA&sort=-created_at").get(0)).endsWith(mark);
        // a lower-case sigma has another form at the end of a word
        assertThat(names("limit=2&q=%CE%9A%CE%A9%CE%A3&sort=-created_at"))
                .hasSize(2)
                .allMatch(name -> name.endsWith(mark));
    }
}
