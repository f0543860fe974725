package dev.usersapi.userlist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.RawHttp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Pages by number, totals, links and faulty parameters. The users of this test have a role of their own. */
@ApiTest
class UserListIT {

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @BeforeEach
    void insertUsers() {
        database.sql("delete from users where role = 'listed'").update();
        database.sql("insert into roles (name) values ('listed') on conflict do nothing")
                .update();
        // 47 users with three statuses, all created at the same time
        database.sql("""
                        insert into users (id, email, name, role, status, password_hash, settings, created_at, version)
                        select gen_random_uuid(), 'listed' || n || '@example.com', 'Listed ' || n, 'listed',
                            (array['active', 'inactive', 'pending'])[1 + n % 3], '-', '{}', '2024-02-29T12:00:00.5Z', 0
                        from generate_series(1, 47) n""").update();
    }

    @ParameterizedTest
    @CsvSource({
        "role=listed, 47, 20, 3, 20",
        "role=listed&limit=47, 47, 47, 1, 47",
        "role=listed&limit=46&page=2, 47, 46, 2, 1",
        "role=listed&status=active, 15, 20, 1, 15",
        "role=listed&status=inactive&limit=5&page=4, 16, 5, 4, 1",
        "role=listed&status=pending&limit=100, 16, 100, 1, 16",
        "role=listed&page=4, 47, 20, 3, 0",
        "role=listed&page=2147483647&limit=100, 47, 100, 1, 0",
    })
    void totalsAndPagesAreExact(String query, int total, int limit, int pages, int size) {
        Answer answer = api.admin().get("/api/v1/users?" + query);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().at("/meta/total").intValue()).isEqualTo(total);
        assertThat(answer.body().at("/meta/limit").intValue()).isEqualTo(limit);
        assertThat(answer.body().at("/meta/pages").intValue()).isEqualTo(pages);
        assertThat(answer.data().size()).isEqualTo(size);
    }

    @Test
    void listWithoutUsersHasNoPages() {
        database.sql("delete from users where role = 'listed'").update();

        Answer answer = api.admin().get("/api/v1/users?role=listed");

        assertThat(answer.text()).isEqualTo("""
                {"data":[],"meta":{"total":0,"page":1,"limit":20,"pages":0}}""");
    }

    @Test
    void pagesNeitherSkipNorRepeatUsersWithEqualTimes() {
        List<String> ids = new ArrayList<>();
        for (int page = 1; page <= 5; page++) {
            api.admin()
                    .get("/api/v1/users?role=listed&limit=10&page=" + page)
                    .data()
                    .forEach(user -> ids.add(user.get("id").stringValue()));
        }

        assertThat(ids).hasSize(47);
        assertThat(new HashSet<>(ids)).hasSize(47);
    }

    @Test
    void newestUserIsFirst() {
        String first = api.create("listed");
        String second = api.create("listed");

        JsonNode data = api.admin().get("/api/v1/users?role=listed&limit=3").data();

        assertThat(data.get(0).get("id").stringValue()).isEqualTo(second);
        assertThat(data.get(1).get("id").stringValue()).isEqualTo(first);
        assertThat(data.get(2).get("created_at").stringValue()).isEqualTo("2024-02-29T12:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "page=0",
                "page=-1",
                "page=1.0",
                "page=+1",
                "page=%201",
                "page=0x1",
                "page=1e1",
                "page=",
                "page=2147483648",
                "page=99999999999999999999",
                "page=%D9%A1",
                "page=1&page=2",
                "limit=0",
                "limit=101",
                "limit=ten",
                "status=gone",
                "status=ACTIVE",
                "status=",
                "status=active&status=gone",
                "status=active,",
                "role=nobody",
                "role=listed,nobody",
                "sort=up",
                "sort=name,email",
                "sort=",
                "sort=--name",
                "q=",
                "q=ab%0A",
                "q=ab%00",
                "email=ann",
                "email=",
                "created_after=9999-12-31T23:59:59-18:00",
                "created_before=0000-01-01T00:00:00%2B18:00",
                "created_before=2024-02-30T00:00:00Z",
                "created_after=2024-01-01T00:00:00",
                "last_login_after=yesterday",
                "last_login_before=2024-01-01T00:00:00+02:00",
                "cursor=x",
                "role=",
                "role=%00",
                "role=admin'--",
                "foo=1",
                "Page=1",
                "page[]=1"
            })
    void listAnswers400WithTheNameOfAFaultyParameter(String query) {
        Answer answer =
                api.admin().get("/api/v1/users?" + query.replace("'", "%27").replace("[]", "%5B%5D"));

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        JsonNode fault = answer.body().at("/errors/0");
        assertThat(fault.get("parameter").stringValue())
                .isEqualTo(query.replaceFirst("=.*", "").replace("%EF%BF%BF", "\uffff"));
        assertThat(fault.get("detail").stringValue()).isNotBlank();
        assertThat(answer.body().get("errors").size()).isEqualTo(1);
    }

    @Test
    void listNamesAllFaultyParametersInOneAnswer() {
        Answer answer = api.admin()
                .get("/api/v1/users?page=x&limit=0&status=gone&role=nobody&sort=up&q=&email=x&created_after=x&foo=1");

        assertThat(answer.body()
                        .get("errors")
                        .valueStream()
                        .map(fault -> fault.get("parameter").stringValue()))
                .containsExactlyInAnyOrder(
                        "page", "limit", "status", "role", "sort", "q", "email", "created_after", "foo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"page=%zz", "page=%C3%28", "%FF=1"})
    void listAnswers400WhenTheQueryCannotBeDecoded(String query) {
        Answer answer = RawHttp.send(
                api.port(),
                "GET /api/v1/users?" + query + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + api.admin().token() + "\r\nConnection: close\r\n\r\n");

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("invalid_request");
    }

    /** Returns the relation and the target of each link, in the order of the header. */
    private static String links(Answer answer) {
        return String.valueOf(answer.header("Link"))
                .replaceAll("<([^>]*)>; rel=\"([a-z]+)\"", "$2 $1")
                .replace("/api/v1/users?", "");
    }

    @ParameterizedTest
    @CsvSource({
        "1, first &page=1 next &page=2 last &page=5",
        "2, first &page=1 prev &page=1 next &page=3 last &page=5",
        "5, first &page=1 prev &page=4 last &page=5",
        "6, first &page=1 prev &page=5 last &page=5",
        "2147483647, first &page=1 prev &page=5 last &page=5",
    })
    void linksLeadToFirstPreviousNextAndLastPage(int page, String links) {
        assertThat(links(api.admin().get("/api/v1/users?limit=10&role=listed&page=" + page)))
                .isEqualTo(links.replace(" &", " role=listed&limit=10&").replaceAll("(\\d) ", "$1, "));
    }

    @Test
    void linksOfAnEmptyListLeadToPageOne() {
        String emptyList = "/api/v1/users?role=listed&status=pending&created_before=2000-01-01T00:00:00Z";

        assertThat(api.admin().get(emptyList).header("Link"))
                .isEqualTo("</api/v1/users?status=pending&role=listed&created_before=2000-01-01T00%3A00%3A00Z&limit=20"
                        + "&page=1>; rel=\"first\", </api/v1/users?status=pending&role=listed"
                        + "&created_before=2000-01-01T00%3A00%3A00Z&limit=20&page=1>; rel=\"last\"");
        assertThat(links(api.admin().get(emptyList + "&page=3")))
                .contains("prev ")
                .doesNotContain("next ");
        assertThat(api.admin().get(emptyList + "&cursor=").header("Link")).isNull();
    }

    @Test
    void linksKeepAllFiltersPercentEncoded() {
        Client admin = api.admin();
        String query = "/api/v1/users?q=LISTED4&role=listed&role=member&status=pending,active&sort=-name&limit=2"
                + "&created_after=2024-02-29T13:00:00.5%2B02:00&last_login_before=2024-03-01T00:00:00Z";
        List<String> ids = new ArrayList<>();
        String next = query;
        while (next != null) {
            Answer answer = admin.get(next);
            assertThat(answer.status()).isEqualTo(200);
            answer.data().forEach(user -> ids.add(user.get("id").stringValue()));
            next = nextLink(answer);
        }

        // 40 to 47 without 40, 43 and 46, which are inactive, as is 4
        assertThat(ids).hasSize(5).doesNotHaveDuplicates();
        assertThat(admin.get("/api/v1/users?role=listed&q=%25%3E%3B%22,%26+%F0%9F%98%80&email=a%2Bb%26c@example.com")
                        .header("Link"))
                .startsWith("</api/v1/users?role=listed&email=a%2Bb%26c%40example.com"
                        + "&q=%25%3E%3B%22%2C%26+%F0%9F%98%80&limit=20&page=1>; rel=\"first\", ");
    }

    private static @Nullable String nextLink(Answer answer) {
        Matcher next = Pattern.compile("<([^>]*)>; rel=\"next\"").matcher(String.valueOf(answer.header("Link")));
        return next.find() ? next.group(1) : null;
    }

    @ParameterizedTest
    @ValueSource(strings = {"page=1", "cursor="})
    void nextLinksLeadToEveryUserOnce(String start) {
        Set<String> ids = new HashSet<>();
        int pages = 0;
        for (String next = "/api/v1/users?limit=10&role=listed&" + start; next != null; pages++) {
            Answer answer = api.admin().get(next);
            answer.data()
                    .forEach(user ->
                            assertThat(ids.add(user.get("id").stringValue())).isTrue());
            next = nextLink(answer);
        }

        assertThat(ids).hasSize(47);
        assertThat(pages).isEqualTo(5);
    }

    @Test
    void linksAreOnHeadToo() {
        String path = "/api/v1/users?role=listed&limit=10&page=2";

        assertThat(api.admin().send("HEAD", path).header("Link"))
                .isEqualTo(api.admin().get(path).header("Link"));
    }

    @Test
    void linksDoNotContainHostHeaders() {
        String path = "/api/v1/users?role=listed&limit=10&page=2";

        Answer forged = RawHttp.send(
                api.port(),
                "GET " + path + " HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n"
                        + "X-Forwarded-Prefix: /evil\r\nForwarded: host=evil.example\r\nAuthorization: Bearer "
                        + api.admin().token() + "\r\nConnection: close\r\n\r\n");
        assertThat(forged.header("Link"))
                .isEqualTo(api.admin().get(path).header("Link"))
                .doesNotContain("evil");
    }

    @Test
    void linksAreLeftOutWhenTheyAreTooLong() {
        database.sql("insert into roles (name) select 'r' || repeat('o', 58) || n from generate_series(1001, 1060) n"
                        + " on conflict do nothing")
                .update();
        String roles = IntStream.rangeClosed(1001, 1060)
                .mapToObj(n -> "r" + "o".repeat(58) + n)
                .collect(Collectors.joining(","));

        Answer answer = api.admin().get("/api/v1/users?page=2&role=listed," + roles);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Link")).isNull();
        String longest = "%F0%9F%98%80".repeat(100);
        assertThat(api.admin().get("/api/v1/users?q=" + longest).header("Link")).contains("q=" + longest);
    }
}
