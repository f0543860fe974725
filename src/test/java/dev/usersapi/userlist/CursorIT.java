package dev.usersapi.userlist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Walks of the whole list, on a role of this test's own. */
@ApiTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CursorIT {

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @SuppressWarnings("NullAway.Init") // before any test
    private Client admin;

    /** With a rate limit of one's own. */
    @BeforeAll
    void logIn() {
        admin = api.newUser("admin");
    }

    /** 60 users, with ties in every order. */
    @BeforeEach
    void fill() {
        database.sql("delete from users where role = 'walked'").update();
        database.sql("insert into roles (name) values ('walked') on conflict do nothing")
                .update();
        database.sql("""
                insert into users (id, email, name, role, status, password_hash, settings, created_at, last_login, version)
                select gen_random_uuid(), 'walked' || n || '@example.com',
                    (array['Zoë Readable', 'zoë readable', 'Ann', 'ann', 'Ärmel', '😀'])[1 + n % 6], 'walked',
                    (array['active', 'inactive', 'pending'])[1 + n % 3], '-', '{}',
                    '2024-02-29T12:00:00.123456Z'::timestamptz + n % 7 * interval '0.1 s',
                    case n % 4 when 0 then now() when 1 then '1969-12-31T23:59:59.999999Z' end, 0
                from generate_series(1, 60) n""").update();
    }

    private static UUID uuid(JsonNode user) {
        return Api.uuid(user.get("id").stringValue());
    }

    /** Whom a walk with steps of various sizes visits; each time {@code between} happens. */
    private static List<UUID> walk(Client client, String query, long total, Runnable between) {
        List<UUID> visited = new ArrayList<>();
        String cursor = "";
        for (int step = 0; cursor != null; step++) {
            int limit = 1 + step % 9;
            Answer answer = client.get("/api/v1/users?" + query + "&limit=" + limit + "&cursor=" + cursor);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            answer.data().forEach(user -> visited.add(uuid(user)));
            JsonNode meta = answer.body().get("meta");
            assertThat(meta.get("limit").intValue()).isEqualTo(limit);
            if (total >= 0) {
                assertThat(meta.get("total").longValue()).isEqualTo(total);
            }
            JsonNode next = meta.get("next_cursor");
            cursor = next.isNull() ? null : next.stringValue();
            if (cursor == null) {
                assertThat(answer.header("Link")).isNull();
            } else {
                assertThat(cursor).matches("[A-Za-z0-9_-]+");
                assertThat(answer.data().size()).isEqualTo(limit);
                assertThat(answer.header("Link"))
                        .endsWith("limit=" + limit + "&cursor=" + cursor + ">; rel=\"next\"")
                        .startsWith("</api/v1/users?");
                between.run();
            }
        }
        return visited;
    }

    private List<UUID> ids(String whereAndOrder) {
        return database.sql("select id from users where role = 'walked'" + whereAndOrder)
                .query(UUID.class)
                .list();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "created_at | created_at, id",
                "-created_at | created_at desc, id desc",
                "name | fold_case(name) collate \"C\", id",
                "-name | fold_case(name) collate \"C\" desc, id desc",
                "email | lower(email collate \"C\"), id",
                "-email | lower(email collate \"C\") desc, id desc",
                "last_login | last_login nulls first, id",
                "-last_login | last_login desc nulls last, id desc",
            })
    void walkVisitsEveryUserOnceInOrder(String sort, String order) {
        String query = "role=walked&sort=" + sort;

        assertThat(walk(admin, query, 60, () -> {})).isEqualTo(ids(" order by " + order));
        assertThat(walk(admin, query + "&status=active,pending", 40, () -> {}))
                .isEqualTo(ids(" and status <> 'inactive' order by " + order));
        assertThat(walk(admin, query + "&status=active&q=o%C3%8B%20r", 10, () -> {}))
                .isEqualTo(ids(" and status = 'active' and name ilike '%readable' order by " + order));
        assertThat(walk(
                        admin,
                        query + "&created_after=2024-02-29T11:59:59Z&last_login_before=2024-01-01T00:00:00Z",
                        45,
                        () -> {}))
                .isEqualTo(ids(" and (last_login is null or last_login < '2024-01-01Z') order by " + order));
        assertThat(walk(
                        admin,
                        query + "&status=active,inactive,pending&created_before=2024-02-29T12:00:00Z",
                        0,
                        () -> {}))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"created_at", "-created_at", "name", "-name", "email", "-email", "last_login", "-last_login"})
    void whoStaysIsVisitedOnceWhileOthersComeGoAndChange(String sort) {
        List<UUID> staying = ids(" and status <> 'pending'");

        List<UUID> visited = walk(admin, "role=walked&sort=" + sort, -1, this::disturb);

        assertThat(visited).containsAll(staying);
        assertThat(visited.stream().filter(staying::contains)).doesNotHaveDuplicates();
    }

    /** Pending users come, go and move everywhere; the others change in what nothing is sorted by. */
    private void disturb() {
        String changes = String.join(
                ";",
                List.of(
                        "delete from users where id in (select id from users where role = 'walked' and status = 'pending' limit 2)",
                        "update users set settings = '{\"a\":1}', status = 'active' where role = 'walked' and status = 'inactive'",
                        "update users set name = upper(name) where role = 'walked' and status <> 'pending'",
                        "update users set email = 'A' || email, name = 'M' || name, created_at = created_at - interval '0.1 s',"
                                + " last_login = '2024-01-01Z' where role = 'walked' and status = 'pending' and random() < 0.3",
                        """
                insert into users (id, email, name, role, status, password_hash, settings, created_at, last_login, version)
                select gen_random_uuid(), substr('az', 1 + n, 1) || gen_random_uuid() || '@example.com',
                    substr('azä', 1 + n % 3, 1), 'walked', 'pending', '-', '{}',
                    '2024-02-29T12:00:00.5Z'::timestamptz + n * interval '0.1 s',
                    case n when 1 then '2024-01-01Z'::timestamptz end, 0
                from generate_series(0, 1) n"""));
        database.sql(changes).update(); // at once: each commit waits for the disk
    }

    private String cursor(String query) {
        return api.admin()
                .get("/api/v1/users?" + query + "&limit=2&cursor=")
                .body()
                .at("/meta/next_cursor")
                .stringValue();
    }

    private static void assertRefused(Client client, String query, String cursor) {
        Answer answer = client.get("/api/v1/users?" + query + "&cursor=" + cursor);
        assertThat(answer.status()).as("%s: %s", cursor, answer.text()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("invalid_request");
        assertThat(answer.body().get("errors").size()).isEqualTo(1);
        assertThat(answer.body().at("/errors/0/parameter").stringValue()).isEqualTo("cursor");
        assertThat(answer.body().at("/errors/0/code").stringValue()).isEqualTo("invalid_cursor");
    }

    @Test
    void cursorThatIsNotOursIsRefused() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String query = "role=walked&sort=name";
        String cursor = cursor(query);
        for (int i = 0; i < cursor.length(); i++) {
            char other = cursor.charAt(i) == 'A' ? 'B' : 'A';
            assertRefused(admin, query, cursor.substring(0, i) + other + cursor.substring(i + 1));
            if (i % 3 == 1) {
                assertRefused(admin, query, cursor.substring(0, i));
            }
        }
        for (String foreign : List.of(cursor + "A", cursor + cursor, "=", cursor + "=", "%20", "%00", "%C3%A9", "+/")) {
            assertRefused(admin, query, foreign);
        }
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[random.nextInt(150) + 1];
            random.nextBytes(bytes);
            assertRefused(admin, query, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "role=walked | role=walked&sort=created_at",
                "role=walked | role=walked&sort=name",
                "role=walked&sort=name | role=walked&sort=-name",
                "role=walked&sort=name | role=walked&sort=email",
                "role=walked | sort=-created_at",
                "role=walked | role=walked,member",
                "role=walked | role=walked&status=active",
                "role=walked&status=active,pending | role=walked&status=active",
                "role=walked&q=walked | role=walked&q=walkee",
                "role=walked&created_after=2024-01-01T00:00:00Z | role=walked&created_after=2024-01-01T00:00:01Z",
                "role=walked&last_login_before=2034-01-01T00:00:00Z | role=walked&created_before=2034-01-01T00:00:00Z",
            })
    void cursorOfAnotherSelectionIsRefused(String query, String other) {
        assertRefused(api.admin(), other, cursor(query));
    }

    @Test
    void cursorIsGoodForTheSameSelectionPutInOtherWords() {
        String cursor = cursor("role=walked,member&status=active&status=pending&created_after=2024-01-01T00:00:00Z");

        assertThat(api.admin()
                        .get("/api/v1/users?created_after=2024-01-01T01:00:00%2B01:00&sort=-created_at"
                                + "&status=pending,active,pending&role=member&role=walked&cursor=" + cursor)
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"page=1&cursor=", "cursor=&page=2", "page=1&cursor=x"})
    void cursorTogetherWithAPageIsRefused(String query) {
        Answer answer = api.admin().get("/api/v1/users?" + query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("/errors/0/parameter").stringValue()).isEqualTo("page");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "email", "-created_at"})
    void cursorTellsNothingOfTheUser(String sort) {
        String query = "role=walked&q=walked&sort=" + sort;
        String cursor = cursor(query);

        String bytes = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.ISO_8859_1);
        assertThat(bytes.toLowerCase(Locale.ROOT))
                .doesNotContain("ann")
                .doesNotContain("walked")
                .doesNotContain("example")
                .doesNotContain("2024");
        assertThat(cursor(query)).as("the same place, sealed again").isNotEqualTo(cursor);
    }
}
