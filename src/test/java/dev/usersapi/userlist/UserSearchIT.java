package dev.usersapi.userlist;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsFirst;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Filters, search and sort orders, alone and combined. The users of this test have roles of their own. */
@ApiTest
class UserSearchIT {

    private static final List<String> NAMES = List.of(
            "Ann Smith",
            "ANN SMYTHE",
            "50% off",
            "50 off",
            "under_score",
            "underscore",
            "back\\slash",
            "O'Neil",
            "\"Quoted\" & Co",
            "a|b !c:* (d)",
            "Élodie Ünal",
            "ÉLODIE",
            "Żółw",
            "文字 检索",
            "😀 Grin",
            "\uFF5E wide",
            "two  spaces",
            "Irini \u039A\u03A9\u03A3\u03A4\u0391\u03A3",
            "\u0130nci I\u015EIK",
            "xy");
    private static final List<String> SEARCHED_TEXTS = List.of(
            "an",
            "ann",
            "nn s",
            "50% o",
            "0%",
            "_s",
            "\\s",
            "'N",
            "\"q",
            "& c",
            "|b",
            "!c",
            ":*",
            "(d",
            "él",
            "ÉLO",
            "żół",
            "ŻÓ",
            "文字",
            "字 检",
            "😀 g",
            "\uFF5E w",
            "o  s",
            "xy",
            "xyz",
            "@EX",
            "mple.com",
            ".c",
            "d5",
            "ed",
            "--",
            "__",
            "5",
            "s",
            "E",
            "m",
            "%",
            "\\",
            "'",
            "\u017C",
            "\uD83D\uDE00",
            "IRI",
            "\u03BA\u03C9\u03C2",
            "nci i",
            "\u0130N");

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @Autowired
    private TransactionTemplate transaction;

    @BeforeEach
    void insertUsers() {
        database.sql("delete from users where role in ('searched', 'sought')").update();
        database.sql("insert into roles (name) values ('searched'), ('sought') on conflict do nothing")
                .update();
        database.sql("""
                insert into users (id, email, name, role, status, password_hash, settings, created_at, last_login, version)
                select gen_random_uuid(), 'Searched' || n || '@example.com', (:names::text[])[1 + n % :count],
                    (array['searched', 'sought'])[1 + n % 2], (array['active', 'inactive', 'pending'])[1 + n % 3], '-', '{}',
                    '2024-02-29T12:00:00Z'::timestamptz + n % 10 * interval '0.3 s',
                    case when n % 5 > 0 then '2024-03-01T00:00:00Z'::timestamptz + n % 7 * interval '0.5 s' end, 0
                from generate_series(1, 120) n""")
                .param("names", NAMES.toArray(new String[0]))
                .param("count", NAMES.size())
                .update();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private List<String> names(String query) {
        Answer answer = api.admin().get("/api/v1/users?role=searched,sought&limit=100&" + query);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().at("/meta/total").intValue())
                .isEqualTo(answer.data().size());
        return answer.data()
                .valueStream()
                .map(user -> user.get("name").stringValue())
                .distinct()
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "50%; 50% off",
                "%; 50% off",
                "` of`; 50 off,50% off",
                "`off `; ",
                "`  `; two  spaces",
                "% o; 50% off",
                "r_s; under_score",
                "k\\s; back\\slash",
                "O'N; O'Neil",
                "o'n; O'Neil",
                "\"Q; \"Quoted\" & Co",
                "a|b !c:* (d); a|b !c:* (d)",
                ":*; a|b !c:* (d)",
                "&C; ",
                "' | 'ann; ",
                "éL; Élodie Ünal,ÉLODIE",
                "żÓŁ; Żółw",
                "文字; 文字 检索",
                "字 检索; 文字 检索",
                "文 检; ",
                "😀 G; 😀 Grin",
                "o  s; two  spaces",
                "o s; ",
                "XY; xy",
                "xysearched; ",
                "smith searched; ",
            })
    void searchMatchesEveryCharacterLiterally(String q, @Nullable String names) {
        assertThat(names("q=" + encoded(q)))
                .containsExactlyInAnyOrder(names == null ? new String[0] : names.split(",", -1));
    }

    @ParameterizedTest
    @CsvSource({
        "email=searched7@example.com, 1",
        "email=SEARCHED7@EXAMPLE.COM, 1",
        "email=%20searched7@example.com%20, 1",
        "email=searched@example.com, 0",
        "email=searched7@example.com&q=searched8, 0",
        "email=searched7@example.com&role=sought, 1",
        "email=searched7@example.com&role=searched, 0",
    })
    void emailFilterIgnoresCase(String query, int total) {
        assertThat(total(query)).isEqualTo(total);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // created at 12:00:00.0 to 02.7 in ten steps, 12 users each: shown as 00 (4 steps), 01 (3), 02 (3)
                "created_after=2024-02-29T11:59:59Z | 120",
                "created_after=2024-02-29T11:59:59.999Z | 120",
                "created_after=2024-02-29T12:00:00Z | 72",
                "created_after=2024-02-29T12:00:00.5Z | 72",
                "created_after=2024-02-29T13:00:01%2B01:00 | 36",
                "created_after=2024-02-29T12:00:02Z | 0",
                "created_before=2024-02-29T12:00:00Z | 0",
                "created_before=2024-02-29T12:00:00.000000001Z | 48",
                "created_before=2024-02-29T12:00:01Z | 48",
                "created_before=2024-02-29T12:00:02Z | 84",
                "created_before=2024-02-29T12:00:02.1Z | 120",
                "created_after=2024-02-29T12:00:00Z&created_before=2024-02-29T12:00:02Z | 36",
                "created_after=2024-02-29T12:00:01Z&created_before=2024-02-29T12:00:02Z | 0",
                "created_after=2024-02-29T12:00:01Z&created_before=2024-02-29T12:00:01Z | 0",
                "created_after=2024-02-29T12:00:02Z&created_before=2024-02-29T12:00:00Z | 0",
                "created_after=2024-02-29T12:00:02Z&created_before=2024-02-29T12:00:00Z&page=2 | 0",
                "created_after=2024-02-29T12:00:02Z&created_before=2024-02-29T12:00:00Z&cursor= | 0",
                "created_after=0000-01-01T00:00:00Z&created_before=9999-12-31T23:59:59Z | 120",
                "created_after=9999-12-31T23:59:59.999999999Z | 0",
                // 24 never logged in; the others at 00:00:00.0 to 03.0 in seven steps
                "last_login_after=2024-02-29T23:59:59Z | 96",
                "last_login_before=2024-03-01T00:00:00Z | 24",
                "last_login_after=0000-01-01T00:00:00Z | 96",
                "last_login_before=9999-12-31T23:59:59Z | 120",
                "last_login_after=2024-03-01T00:00:02Z&last_login_before=2024-03-01T00:00:01Z | 0",
                "status=active | 40",
                "status=active&status=pending | 80",
                "status=active,pending | 80",
                "status=active,pending&status=inactive | 120",
                "status=active,active | 40",
            })
    void filtersCompareWholeSecondsAndCombineValues(String query, int total) {
        assertThat(total(query)).isEqualTo(total);
    }

    private int total(String query) {
        String roles = query.contains("role=") ? "" : "role=searched&role=sought&";
        Answer answer = api.admin().get("/api/v1/users?" + roles + query);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.body().at("/meta/total").intValue();
    }

    private record Row(
            UUID id,
            String email,
            String name,
            String role,
            String status,
            Instant createdAt,
            @Nullable Instant lastLogin) {}

    private List<Row> rows() {
        return database.sql("select * from users where role in ('searched', 'sought')")
                .query((row, number) -> {
                    OffsetDateTime login = row.getObject("last_login", OffsetDateTime.class);
                    return new Row(
                            row.getObject("id", UUID.class),
                            row.getString("email"),
                            row.getString("name"),
                            row.getString("role"),
                            row.getString("status"),
                            row.getObject("created_at", OffsetDateTime.class).toInstant(),
                            login == null ? null : login.toInstant());
                })
                .list();
    }

    /** Folds case like the database, for which both lower-case sigmas are equal. */
    private static String folded(String text) {
        return text.toLowerCase(Locale.ROOT).replace('\u03C2', '\u03C3');
    }

    /** Returns a text whose order in Java is the order of the code points. */
    private static String key(String text) {
        return folded(text).codePoints().mapToObj("%06x"::formatted).collect(Collectors.joining());
    }

    private static final Map<String, Comparator<Row>> ORDERS = Map.of(
            "created_at", comparing(Row::createdAt),
            "name", comparing(row -> key(row.name())),
            "email", comparing(row -> key(row.email())),
            "last_login", comparing(Row::lastLogin, nullsFirst(naturalOrder())));

    private static Comparator<Row> order(String sort) {
        Comparator<Row> order = Objects.requireNonNull(ORDERS.get(sort.replace("-", "")))
                .thenComparing(row -> row.id().toString());
        return sort.startsWith("-") ? order.reversed() : order;
    }

    @Test
    void randomFiltersAndSortsEqualAnImplementationInJava() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Client admin = api.newUser("admin");
        List<Row> rows = rows();
        for (int i = 0; i < 250; i++) {
            Map<String, String> query = new LinkedHashMap<>();
            List<Predicate<Row>> filters = new ArrayList<>();
            chooseFilters(random, query, filters);
            List<String> sorts = List.of("created_at", "name", "email", "last_login");
            String sort = pick(random, List.of("", "-")) + pick(random, sorts);
            query.put("sort", sort);
            List<Row> expected = rows.stream()
                    .filter(row -> filters.stream().allMatch(filter -> filter.test(row)))
                    .sorted(order(sort))
                    .toList();
            int limit = 1 + random.nextInt(30);
            int page = 1 + random.nextInt(expected.size() / limit + 2);
            query.put("limit", Integer.toString(limit));
            query.put("page", Integer.toString(page));
            String path = "/api/v1/users?"
                    + query.entrySet().stream()
                            .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
                            .collect(Collectors.joining("&"));

            Answer answer = admin.get(path);

            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.body().at("/meta/total").intValue())
                    .as("seed %d: %s", seed, path)
                    .isEqualTo(expected.size());
            assertThat(answer.data()
                            .valueStream()
                            .map(user -> Api.uuid(user.get("id").stringValue())))
                    .as("seed %d: %s", seed, path)
                    .containsExactlyElementsOf(expected.stream()
                            .skip((page - 1L) * limit)
                            .limit(limit)
                            .map(Row::id)
                            .toList());
        }
    }

    private static void chooseFilters(Random random, Map<String, String> query, List<Predicate<Row>> filters) {
        List<String> roles = pick(random, List.of(List.of("searched", "sought"), List.of("sought")));
        query.put("role", String.join(",", roles));
        filters.add(row -> roles.contains(row.role()));
        if (random.nextInt(3) == 0) {
            List<String> statuses = pick(
                    random, List.of(List.of("active"), List.of("inactive", "pending"), List.of("pending", "active")));
            query.put("status", String.join(",", statuses));
            filters.add(row -> statuses.contains(row.status()));
        }
        if (random.nextInt(2) == 0) {
            String q = pick(random, SEARCHED_TEXTS);
            query.put("q", q);
            String part = folded(q.strip());
            filters.add(row ->
                    folded(row.name()).contains(part) || folded(row.email()).contains(part));
        }
        if (random.nextInt(20) == 0) {
            query.put("email", "SEARCHED8@example.com");
            filters.add(row -> row.email().equals("Searched8@example.com"));
        }
        Instant time = Instant.parse(random.nextBoolean() ? "2024-02-29T12:00:00Z" : "2024-03-01T00:00:00Z")
                .plusMillis(random.nextInt(4) * 500L);
        switch (random.nextInt(8)) {
            case 0 ->
                bound(
                        query,
                        "created_after",
                        time,
                        filters,
                        row -> shown(row.createdAt()).isAfter(time));
            case 1 ->
                bound(
                        query,
                        "created_before",
                        time,
                        filters,
                        row -> shown(row.createdAt()).isBefore(time));
            case 2 ->
                bound(
                        query,
                        "last_login_after",
                        time,
                        filters,
                        row -> row.lastLogin() != null && shown(row.lastLogin()).isAfter(time));
            case 3 ->
                bound(
                        query,
                        "last_login_before",
                        time,
                        filters,
                        row -> row.lastLogin() == null || shown(row.lastLogin()).isBefore(time));
            default -> {}
        }
    }

    @Test
    void searchFindsOneLetterAtEveryPosition() {
        assertThat(database.sql("select bool_and(user_trigrams('Ann', 'b@c.dz') @@ user_trigram_query(letter))"
                                + " from unnest(string_to_array('Annb@c.dz', null)) letter")
                        .query(Boolean.class)
                        .single())
                .isTrue();
        String email = UUID.randomUUID() + "@example.xz";
        api.create("member", email);

        assertThat(total("role=member&q=Z&email=" + email))
                .as("the last letter")
                .isEqualTo(1);
        assertThat(total("role=member&q=y&email=" + email)).isZero();
    }

    @Test
    void searchAnswers503WhenItTakesTooLong() {
        Client admin = api.admin();
        Answer answer = transaction.execute(status -> {
            admin.get("/api/v1/users/me"); // caches the caller, so that only the search waits
            database.sql("lock table users").update();
            return admin.get("/api/v1/users?q=anybody");
        });

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("busy");
    }

    private static void bound(
            Map<String, String> query, String name, Instant time, List<Predicate<Row>> filters, Predicate<Row> filter) {
        query.put(name, time.toString());
        filters.add(filter);
    }

    private static Instant shown(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    private static <T> T pick(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
