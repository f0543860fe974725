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

/** Pages by cursor. The users of this test have a role of their own. */
@ApiTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CursorIT {

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    /** A user of this test, because the rate limit counts the requests of each user. */
    @SuppressWarnings("NullAway.Init") // set before any test
    private Client admin;

    @BeforeAll
    void logIn() {
        admin = api.newUser("admin");
    }

    /** Inserts 60 users, some of them with equal keys in each sort order. */
    @BeforeEach
    void insertUsers() {
        database.sql("delete from users where role = 'paged'").update();
        database.sql("insert into roles (name) values ('paged') on conflict do nothing")
                .update();
        database.sql("""
                insert into users (id, email, name, role, status, password_hash, settings, created_at, last_login, version)
                select gen_random_uuid(), 'paged' || n || '@example.com',
                    (array['Zoë Readable', 'zoë readable', 'Ann', 'ann', 'Ärmel', '😀'])[1 + n % 6], 'paged',
                    (array['active', 'inactive', 'pending'])[1 + n % 3], '-', '{}',
                    '2024-02-29T12:00:00.123456Z'::timestamptz + n % 7 * interval '0.1 s',
                    case n % 4 when 0 then now() when 1 then '1969-12-31T23:59:59.999999Z' end, 0
                from generate_series(1, 60) n""").update();
    }

    private static UUID uuid(JsonNode user) {
        return Api.uuid(user.get("id").stringValue());
    }

    /**
     * Reads all pages, with various limits, and runs {@code betweenPages} in between.
     *
     * @param total the expected total, or -1 for any
     */
    private static List<UUID> readAllPages(Client client, String query, long total, Runnable betweenPages) {
        List<UUID> read = new ArrayList<>();
        String cursor = "";
        for (int page = 0; cursor != null; page++) {
            int limit = 1 + page % 9;
            Answer answer = client.get("/api/v1/users?" + query + "&limit=" + limit + "&cursor=" + cursor);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            answer.data().forEach(user -> read.add(uuid(user)));
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
                betweenPages.run();
            }
        }
        return read;
    }

    private List<UUID> ids(String whereAndOrder) {
        return database.sql("select id from users where role = 'paged'" + whereAndOrder)
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
    void pagesContainEveryUserOnceInOrder(String sort, String order) {
        String query = "role=paged&sort=" + sort;

        assertThat(readAllPages(admin, query, 60, () -> {})).isEqualTo(ids(" order by " + order));
        assertThat(readAllPages(admin, query + "&status=active,pending", 40, () -> {}))
                .isEqualTo(ids(" and status <> 'inactive' order by " + order));
        assertThat(readAllPages(admin, query + "&status=active&q=o%C3%8B%20r", 10, () -> {}))
                .isEqualTo(ids(" and status = 'active' and name ilike '%readable' order by " + order));
        assertThat(readAllPages(
                        admin,
                        query + "&created_after=2024-02-29T11:59:59Z&last_login_before=2024-01-01T00:00:00Z",
                        45,
                        () -> {}))
                .isEqualTo(ids(" and (last_login is null or last_login < '2024-01-01Z') order by " + order));
        assertThat(readAllPages(
                        admin,
                        query + "&status=active,inactive,pending&created_before=2024-02-29T12:00:00Z",
                        0,
                        () -> {}))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"created_at", "-created_at", "name", "-name", "email", "-email", "last_login", "-last_login"})
    void pagesContainUnchangedUsersOnceWhileOthersChange(String sort) {
        List<UUID> unchanged = ids(" and status <> 'pending'");

        List<UUID> read = readAllPages(admin, "role=paged&sort=" + sort, -1, this::changeUsers);

        assertThat(read).containsAll(unchanged);
        assertThat(read.stream().filter(unchanged::contains)).doesNotHaveDuplicates();
    }

    /** Inserts, deletes and moves pending users, and changes the others without changing their sort keys. */
    private void changeUsers() {
        String changes = String.join(
                ";",
                List.of(
                        "delete from users where id in (select id from users where role = 'paged' and status = 'pending' limit 2)",
                        "update users set settings = '{\"a\":1}', status = 'active' where role = 'paged' and status = 'inactive'",
                        "update users set name = upper(name) where role = 'paged' and status <> 'pending'",
                        "update users set email = 'A' || email, name = 'M' || name, created_at = created_at - interval '0.1 s',"
                                + " last_login = '2024-01-01Z' where role = 'paged' and status = 'pending' and random() < 0.3",
                        """
                insert into users (id, email, name, role, status, password_hash, settings, created_at, last_login, version)
                select gen_random_uuid(), substr('az', 1 + n, 1) || gen_random_uuid() || '@example.com',
                    substr('azä', 1 + n % 3, 1), 'paged', 'pending', '-', '{}',
                    '2024-02-29T12:00:00.5Z'::timestamptz + n * interval '0.1 s',
                    case n when 1 then '2024-01-01Z'::timestamptz end, 0
                from generate_series(0, 1) n"""));
        database.sql(changes).update(); // in one transaction, because each commit waits for the disk
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
    void listRefusesACursorThatItDidNotIssue() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String query = "role=paged&sort=name";
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
                "role=paged | role=paged&sort=created_at",
                "role=paged | role=paged&sort=name",
                "role=paged&sort=name | role=paged&sort=-name",
                "role=paged&sort=name | role=paged&sort=email",
                "role=paged | sort=-created_at",
                "role=paged | role=paged,member",
                "role=paged | role=paged&status=active",
                "role=paged&status=active,pending | role=paged&status=active",
                "role=paged&q=paged | role=paged&q=pagee",
                "role=paged&created_after=2024-01-01T00:00:00Z | role=paged&created_after=2024-01-01T00:00:01Z",
                "role=paged&last_login_before=2034-01-01T00:00:00Z | role=paged&created_before=2034-01-01T00:00:00Z",
            })
    void listRefusesACursorOfOtherFiltersOrSort(String query, String other) {
        assertRefused(api.admin(), other, cursor(query));
    }

    @Test
    void listAcceptsACursorWhenTheSameFiltersAreWrittenDifferently() {
        String cursor = cursor("role=paged,member&status=active&status=pending&created_after=2024-01-01T00:00:00Z");

        assertThat(api.admin()
                        .get("/api/v1/users?created_after=2024-01-01T01:00:00%2B01:00&sort=-created_at"
                                + "&status=pending,active,pending&role=member&role=paged&cursor=" + cursor)
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"page=1&cursor=", "cursor=&page=2", "page=1&cursor=x"})
    void listRefusesACursorTogetherWithAPage(String query) {
        Answer answer = api.admin().get("/api/v1/users?" + query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("/errors/0/parameter").stringValue()).isEqualTo("page");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "email", "-created_at"})
    void cursorDoesNotRevealTheUser(String sort) {
        String query = "role=paged&q=paged&sort=" + sort;
        String cursor = cursor(query);

        String bytes = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.ISO_8859_1);
        assertThat(bytes.toLowerCase(Locale.ROOT))
                .doesNotContain("ann")
                .doesNotContain("paged")
                .doesNotContain("example")
                .doesNotContain("2024");
        assertThat(cursor(query)).as("the same position, encrypted again").isNotEqualTo(cursor);
    }
}
