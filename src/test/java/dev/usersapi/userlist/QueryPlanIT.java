package dev.usersapi.userlist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OwnDatabase;
import dev.usersapi.user.UserStatus;
import dev.usersapi.userlist.CursorCipher.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterUtils;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Holds PostgreSQL to index scans for the list and the look-up of users, in a table with a million rows. */
@ApiTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QueryPlanIT {

    private static final Pattern BLOCKS =
            Pattern.compile("\"Shared Hit Blocks\": (\\d+),\\s+\"Shared Read Blocks\": (\\d+)");
    private static final Pattern NODE = Pattern.compile("\"(Node Type|Index Name|Relation Name)\": \"([^\"]*)\"");

    @SuppressWarnings("NullAway.Init") // before any test
    private OwnDatabase own;

    @SuppressWarnings("NullAway.Init")
    private JdbcClient database;

    @SuppressWarnings("NullAway.Init") // before any test
    private DataSource connections;

    @BeforeAll
    void fill(@Autowired JdbcConnectionDetails server) {
        own = OwnDatabase.create(server);
        connections = own.connect();
        database = JdbcClient.create(connections);
        run("set synchronous_commit = off");
        run("set maintenance_work_mem = '256MB'");
        // a table with foreign keys from logged tables cannot be unlogged
        database.sql("select conrelid::regclass::text from pg_constraint where confrelid = 'users'::regclass")
                .query(String.class)
                .list()
                .forEach(referring -> run("drop table " + referring + " cascade"));
        run("alter table users set unlogged");
        run("alter table users disable trigger user, drop constraint users_role_fkey");
        List<String> indexes = database.sql("select indexdef from pg_indexes where schemaname = 'public'"
                        + " and tablename = 'users' and indexname <> 'users_pkey'")
                .query(String.class)
                .list();
        indexes.forEach(index -> run("drop index " + index.replaceFirst(".* INDEX (\\w+) .*", "$1")));
        // short texts, because most of the time goes into their trigrams
        run("""
                insert into users (id, email, name, role, status, password_hash, settings, created_at, last_login, version)
                select lpad(to_hex(n), 32, '0')::uuid, n || '@a.io', 'N' || n,
                    case when n % 2000 = 0 then 'admin' when n % 10 = 0 then 'editor' else 'member' end,
                    (array['active', 'active', 'inactive', 'pending'])[1 + n % 4], '', '{}',
                    '2024-01-01Z'::timestamptz + n * interval '10 s',
                    case when n % 3 = 0 then '2025-01-01Z'::timestamptz + n * interval '1 s' end, 0
                from generate_series(1, 1000000) n""");
        indexes.forEach(this::run);
        run("alter table users enable trigger user");
        assertThat(one("select recount_users()")).isEqualTo(1_000_000);
        run("vacuum analyze");
    }

    @AfterAll
    void drop() {
        if (own != null) {
            own.close();
        }
    }

    private void run(String sql) {
        database.sql(sql).update();
    }

    private long one(String sql) {
        return database.sql(sql).query(Long.class).single();
    }

    private static @Nullable Instant time(Map<String, String> query, String name) {
        String text = query.get(name);
        return text == null ? null : Instant.parse(text);
    }

    private static @Nullable List<String> values(Map<String, String> query, String name) {
        String text = query.get(name);
        return text == null ? null : Arrays.asList(text.split("\\+", -1));
    }

    /** Parses a query string in which + separates several values. */
    @SuppressWarnings("NullAway") // an absent parameter is null
    private static ListUsersRequest request(@Nullable String text) {
        Map<String, String> query = new HashMap<>();
        for (String parameter : text == null ? new String[0] : text.split("&", -1)) {
            query.put(parameter.replaceFirst("=.*", ""), parameter.replaceFirst("[^=]*=", ""));
        }
        List<String> statuses = values(query, "status");
        String page = query.get("page");
        String limit = query.get("limit");
        return new ListUsersRequest(
                page == null ? null : Integer.valueOf(page),
                limit == null ? null : Integer.valueOf(limit),
                query.get("cursor"),
                query.get("sort"),
                statuses == null ? null : statuses.stream().map(UserStatus::of).toList(),
                values(query, "role"),
                query.get("email"),
                query.get("q"),
                time(query, "created_after"),
                time(query, "created_before"),
                time(query, "last_login_after"),
                time(query, "last_login_before"));
    }

    /**
     * Returns the plan for the given values, and the generic plan for any values if PostgreSQL chooses one, which it may do
     * after the driver has prepared the statement on the server.
     */
    private List<String> plans(UserListStatement statement) {
        List<String> plans = new ArrayList<>();
        plans.add(database.sql("explain (format json) " + statement.sql())
                .params(statement.parameters())
                .query(String.class)
                .single());
        UserListRepository repository = new UserListRepository(database, connections);
        for (int i = 0; i < 12; i++) { // the driver prepares the sixth; PostgreSQL plans five custom plans first
            repository.find(statement);
        }
        String sql = NamedParameterUtils.substituteNamedParameters(
                statement.sql(), new MapSqlParameterSource(statement.parameters()));
        int parameters = 0;
        while (sql.contains("?")) {
            sql = sql.replaceFirst("\\?", "\\$" + ++parameters);
        }
        String values = String.join(",", Collections.nCopies(parameters, "null"));
        List<String> generic = database.sql(
                        "select name from pg_prepared_statements where statement = ? and generic_plans > 0")
                .param(sql)
                .query(String.class)
                .list();
        run("set plan_cache_mode = force_generic_plan");
        for (String name : generic) {
            plans.add(database.sql("explain (format json) execute \"" + name + "\"(" + values + ")")
                    .query(String.class)
                    .single());
        }
        run("reset plan_cache_mode");
        assertThat(one("select count(*) from pg_prepared_statements where statement = '" + sql.replace("'", "''")
                        + "'"))
                .isEqualTo(statement.isPlannedEachTime() ? 0 : 1);
        return plans;
    }

    private static void assertUsesIndex(String plan, String indexes) {
        TreeSet<String> used = new TreeSet<>();
        String nodes = NODE.matcher(plan).results().map(MatchResult::group).collect(Collectors.joining(", "));
        Matcher node = NODE.matcher(plan);
        String scan = "";
        while (node.find()) {
            if (node.group(1).equals("Node Type")) {
                scan = node.group(2);
            } else if (node.group(1).equals("Index Name")) {
                used.add(node.group(2));
            } else if (node.group(2).equals("users")) {
                assertThat(scan).as(nodes).isNotEqualTo("Seq Scan");
            }
        }
        used.remove("users_pkey");
        assertThat(used).as(nodes).isNotEmpty().isSubsetOf(Arrays.asList(indexes.split("\\+", -1)));
    }

    @ParameterizedTest
    @CsvSource({
        ", users_created_at_idx",
        "sort=created_at, users_created_at_idx",
        "page=40000, users_created_at_idx",
        "sort=created_at&page=30000, users_created_at_idx",
        "sort=name, users_name_idx",
        "sort=-name, users_name_idx",
        "sort=email, users_email_key",
        "sort=-email, users_email_key",
        "sort=last_login, users_last_login_idx",
        "sort=-last_login, users_last_login_idx",
        "status=pending, users_status_idx",
        "status=pending&sort=created_at&page=9, users_status_idx",
        "role=admin, users_role_idx",
        "role=admin&page=9, users_role_idx",
        "role=viewer, users_role_idx",
        "role=member&page=9000, users_role_idx",
        "role=admin+viewer, users_role_idx",
        "role=admin+member&page=20000, users_role_idx",
        "status=active+pending, users_status_idx",
        "status=active+pending&page=20000, users_status_idx",
        "status=pending&role=admin, users_status_role_idx+users_role_idx",
        "status=active+pending&role=admin+viewer, users_status_role_idx+users_role_idx",
        "status=active+pending&role=member+editor&sort=created_at&page=10000, users_status_role_idx",
        "created_after=2024-03-01T00:00:00Z&created_before=2024-03-01T01:00:00Z, users_created_at_idx",
        "created_after=2024-02-01T00:00:00Z&page=10000, users_created_at_idx",
        "created_before=2024-04-01T00:00:00Z&status=pending, users_status_idx+users_created_at_idx",
        "status=active&role=member&sort=name, users_name_idx",
        "status=active+pending&sort=-email, users_email_key",
        "email=77@a.io, users_email_key",
        "email=77@A.IO&sort=name&status=active, users_email_key",
        "q=n999, users_trigrams_idx",
        "q=99999@, users_trigrams_idx",
        "q=zz, users_trigrams_idx",
        "q=n7777&sort=-last_login&role=member+editor, users_trigrams_idx",
        "last_login_after=2025-01-03T00:00:00Z&last_login_before=2025-01-03T01:00:00Z, users_last_login_idx",
        "last_login_after=2025-01-12T13:00:00Z&sort=name&status=active, users_last_login_idx",
    })
    void pageByNumberIsReadByIndex(@Nullable String query, String indexes) {
        ListUsersRequest request = request(query);
        for (String plan : plans(new UserListStatement(request, request.limit(), null))) {
            assertUsesIndex(plan, indexes);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sort=created_at, 2024-02-01Z, users_created_at_idx",
        "sort=-created_at, 2024-02-01Z, users_created_at_idx",
        "sort=name, n5, users_name_idx",
        "sort=-name, n5, users_name_idx",
        "sort=email, 5@a.io, users_email_key",
        "sort=-email, 5@a.io, users_email_key",
        "sort=last_login, -infinity, users_last_login_idx",
        "sort=-last_login, 2025-01-03Z, users_last_login_idx",
        "sort=-created_at&status=active+pending, 2024-02-01Z, users_status_idx+users_created_at_idx",
        "sort=created_at&role=admin&created_before=2024-04-01T00:00:00Z, 2024-02-01Z, users_role_idx",
        "sort=created_at&role=admin, 2024-02-01Z, users_role_idx",
        "sort=-created_at&role=viewer, 2024-02-01Z, users_role_idx",
        "sort=-created_at&status=pending&role=admin, 2024-02-01Z, users_status_role_idx+users_role_idx",
        "sort=name&status=active&role=member, n5, users_name_idx",
        "sort=name&q=n999, n5, users_trigrams_idx",
    })
    void pageByCursorIsReadByIndex(String query, String key, String indexes) {
        Position position = new Position(key, UUID.fromString("00000000-0000-0000-0000-000000000005"));
        for (String plan : plans(new UserListStatement(request("cursor=x&" + query), 101, position))) {
            assertUsesIndex(plan, indexes);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sort=-created_at&created_before=2024-04-01T00:00:00Z",
                "sort=created_at&created_after=2024-01-02T00:00:00Z",
                "sort=-created_at&created_before=2024-04-01T00:00:00Z&role=editor",
            })
    void pageByCursorIsReadFromItsPositionWhenAFilterStartsFarAway(String query) {
        Position position = new Position("2024-02-01Z", UUID.fromString("00000000-0000-0000-0000-000000000005"));
        UserListStatement statement = new UserListStatement(request("cursor=x&" + query), 101, position);

        String plan = database.sql("explain (analyze, buffers, format json) " + statement.sql())
                .params(statement.parameters())
                .query(String.class)
                .single();

        // the outermost node comes first and includes the blocks of all others
        Matcher blocks = BLOCKS.matcher(plan);
        assertThat(blocks.find()).isTrue();
        assertThat(Integer.parseInt(blocks.group(1)) + Integer.parseInt(blocks.group(2)))
                .isLessThan(600);
    }

    @ParameterizedTest
    @CsvSource({
        "select * from users where lower(email collate \"C\") = lower(:value collate \"C\"), users_email_key",
        "select * from users where id = :value::uuid, users_pkey",
    })
    void userIsReadByIndex(String sql, String index) {
        String plan = database.sql("explain (format json) " + sql)
                .param("value", sql.contains("uuid") ? UUID.randomUUID() : "a@example.com")
                .query(String.class)
                .single();
        assertThat(plan).contains("\"Index Name\": \"" + index + "\"").doesNotContain("Seq Scan");
    }

    /** Reads pages across the bounds of groups of 64 blocks, before and after users are inserted in the middle. */
    @Test
    void anyPageContainsTheUsersThatAnOffsetSelects() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        UserListRepository repository = new UserListRepository(database, connections);
        for (int i = 0; i < 30; i++) {
            if (i == 15) {
                run("""
                        insert into users (id, email, name, role, status, password_hash, settings, created_at, version)
                        select gen_random_uuid(), gen_random_uuid() || '@example.com', 'N', 'viewer', 'active', '', '{}',
                            '2024-02-20Z', 0 from generate_series(1, 10000) n""");
                assertThat(one("select apply_user_count_deltas()")).isEqualTo(10_000);
                assertThat(database.sql("select split_user_block()")
                                .query(Boolean.class)
                                .single())
                        .isTrue();
                assertThat(one("select count(*) from user_count_differences")).isZero();
            }
            String order = random.nextBoolean() ? "" : " desc";
            int page = 1 + random.nextInt(10_100);
            List<UUID> ids = database.sql(
                            "select id from users order by created_at" + order + ", id" + order + " limit 100 offset ?")
                    .param((page - 1) * 100)
                    .query(UUID.class)
                    .list();
            ListUsersRequest request = request("limit=100&page=" + page + (order.isEmpty() ? "&sort=created_at" : ""));

            UserListRepository.Found found = repository.find(new UserListStatement(request, 100, null));

            assertThat(found.total()).isEqualTo(i < 15 ? 1_000_000 : 1_010_000);
            assertThat(found.rows().stream().map(row -> row.position().id()))
                    .as("seed %d, page %d%s", seed, page, order)
                    .containsExactlyElementsOf(ids);
        }
    }
}
