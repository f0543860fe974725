package dev.usersapi.userlist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OwnDatabase;
import java.io.IOException;
import java.io.StringReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Totals are exact at every moment, and a page by number contains the users that an offset would select. */
@ApiTest
class UserCountIT {

    /** The users in a block. Pages within the first block are found without the counts. */
    private static final int BLOCK_SIZE = 2048;

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient shared;

    @Autowired
    private JdbcConnectionDetails server;

    private static void insert(JdbcClient database, String role, String createdAt, int n) {
        database.sql("insert into roles (name) values (?) on conflict do nothing")
                .param(role)
                .update();
        database.sql("insert into users (id, email, name, role, status, password_hash, settings, created_at, version)"
                        + " select gen_random_uuid(), gen_random_uuid() || '@example.com', 'N', ?,"
                        + " (array['active', 'inactive', 'inactive', 'pending'])[1 + n % 4], '-', '{}', " + createdAt
                        + ", 0 from generate_series(1, ?) n")
                .params(role, n)
                .update();
    }

    private static void assertCountsAreExact(JdbcClient database, String when) {
        assertThat(differences(database)).as(when).isZero();
        assertThat(one(database, "select user_total(null, null)"))
                .as(when)
                .isEqualTo(one(database, "select count(*) from users"));
    }

    private static long differences(JdbcClient database) {
        return one(database, "select count(*) from user_count_differences");
    }

    private static long one(JdbcClient database, String sql) {
        return database.sql(sql).query(Long.class).single();
    }

    private static long applyDeltas(JdbcClient database) {
        return one(database, "select apply_user_count_deltas()");
    }

    private static boolean splitBlock(JdbcClient database) {
        return database.sql("select split_user_block()").query(Boolean.class).single();
    }

    private static void maintain(JdbcClient database, String when) {
        while (applyDeltas(database) > 0) {
            assertCountsAreExact(database, "applied deltas after " + when);
        }
        while (splitBlock(database)) {
            assertCountsAreExact(database, "split after " + when);
        }
    }

    @Test
    void totalsAreExactAfterEveryKindOfWrite() throws Exception {
        try (OwnDatabase own = OwnDatabase.create(server)) {
            SingleConnectionDataSource session = own.connect();
            JdbcClient database = JdbcClient.create(session);
            insert(database, "member", "'2024-01-01Z'::timestamptz + n * interval '1 hour'", 3 * BLOCK_SIZE);
            assertCountsAreExact(database, "insert");
            insert(database, "viewer", "'2024-02-29T12:00:00.5Z'", 5 * BLOCK_SIZE);
            maintain(database, "insert of equal times");
            assertThat(one(database, "select count(*) from user_blocks")).isBetween(4L, 8L);
            for (String sql : List.of(
                    "update users set role = 'editor' where role = 'viewer' and status = 'active'",
                    "update users set status = 'pending', name = 'M' where created_at > '2024-02-01Z'",
                    "update users set name = 'O', last_login = now(), settings = '{\"a\":1}' where status = 'active'",
                    "update users set id = gen_random_uuid() where status = 'inactive'",
                    "update users set created_at = created_at - interval '200 days' where role = 'editor'",
                    """
                    insert into users select (u.r).* from (
                        select jsonb_populate_record(u, '{"role":"viewer"}') as r from users u limit 5000
                    ) u on conflict (id) do update set role = excluded.role
                    """,
                    """
                    merge into users u using (select id from users where role = 'viewer') v on u.id = v.id
                    when matched and u.status = 'pending' then delete
                    when matched then update set status = 'pending'
                    """,
                    "delete from users where created_at between '2024-02-29Z' and '2024-03-20Z'",
                    "delete from users where status = 'nobody'",
                    "with gone as (delete from users where status = 'active' returning id)"
                            + " update users set role = 'admin' where id not in (select id from gone)")) {
                database.sql(sql).update();
                assertCountsAreExact(database, sql);
                maintain(database, sql);
            }
            copy(session, 10_000);
            maintain(database, "copy");
            TransactionTemplate olderSnapshot = new TransactionTemplate(new DataSourceTransactionManager(session));
            olderSnapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
            assertThatThrownBy(() -> olderSnapshot.executeWithoutResult(
                            status -> database.sql("truncate users cascade").update()))
                    .hasMessageContaining("isolation level READ COMMITTED");
            assertCountsAreExact(database, "truncate refused");
            database.sql("truncate users cascade").update();
            assertCountsAreExact(database, "truncate");
            insert(database, "member", "now()", 100);
            maintain(database, "truncate");
            assertThat(one(database, "select count(*) from users")).isEqualTo(100);
        }
    }

    private static void copy(SingleConnectionDataSource session, int n) throws SQLException, IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < n; i++) {
            rows.append(
                    UUID.randomUUID() + ",copied" + i + "@example.com,C,editor,active,-,{},2024-01-05T12:00:00Z,0\n");
        }
        new CopyManager(session.getConnection().unwrap(BaseConnection.class))
                .copyIn(
                        "copy users (id, email, name, role, status, password_hash, settings, created_at, version)"
                                + " from stdin (format csv)",
                        new StringReader(rows.toString()));
    }

    @Test
    void totalsAreExactAfterARollback() {
        try (OwnDatabase own = OwnDatabase.create(server)) {
            SingleConnectionDataSource session = own.connect();
            JdbcClient database = JdbcClient.create(session);
            JdbcClient other = own.client();
            insert(database, "member", "now()", 3 * BLOCK_SIZE);
            transaction(session, TransactionDefinition.ISOLATION_DEFAULT).executeWithoutResult(status -> {
                insert(database, "viewer", "now() - n * interval '1 s'", 3 * BLOCK_SIZE);
                database.sql("delete from users where role = 'member' and status = 'active'")
                        .update();
                maintain(database, "writes that are not committed");
                assertThat(one(other, "select user_total(null, null)")).isEqualTo(3 * BLOCK_SIZE);
                assertThat(applyDeltas(other))
                        .as("applied while another transaction does")
                        .isZero();
                status.setRollbackOnly();
            });
            assertCountsAreExact(database, "rollback");
            maintain(database, "rollback");
            assertThat(one(database, "select user_total(null, null)")).isEqualTo(3 * BLOCK_SIZE);
        }
    }

    private static TransactionTemplate transaction(SingleConnectionDataSource session, int isolation) {
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(session));
        transaction.setIsolationLevel(isolation);
        return transaction;
    }

    @Test
    void recountCorrectsWritesWithoutTriggers() {
        try (OwnDatabase own = OwnDatabase.create(server)) {
            JdbcClient database = own.client();
            insert(database, "member", "now()", 3 * BLOCK_SIZE);
            maintain(database, "insert");
            database.sql("alter table users disable trigger user").update();
            insert(database, "viewer", "now() - n * interval '1 s'", 3 * BLOCK_SIZE);
            database.sql("delete from users where role = 'member' and status = 'active'")
                    .update();
            database.sql("alter table users enable trigger user").update();
            assertThat(differences(database)).isPositive();

            assertThat(one(database, "select recount_users()")).isEqualTo(one(database, "select count(*) from users"));

            assertCountsAreExact(database, "recount");
            assertThat(one(database, "select count(*) from user_blocks")).isEqualTo(6);
            insert(database, "viewer", "'2024-01-01Z'", BLOCK_SIZE);
            maintain(database, "recount and insert");
        }
    }

    /** Compares in one snapshot: counts with rows, the total, and a page found by counts with the page by offset. */
    private static final String SNAPSHOT = """
            select (select count(*) from user_count_differences) = 0
                and user_total(null, null) = (select count(*) from users)
                and (select array_agg(id order by created_at desc, id desc) from (
                        select created_at, id from users order by created_at desc, id desc limit 20 offset :skip) o)
                    is not distinct from
                    (select array_agg(r.id order by r.created_at desc, r.id desc)
                    from user_page(:skip, 20, false, null, null, null, null) p cross join lateral (
                        select created_at, id from users where (created_at, id) < (p.before_created_at, p.before_id)
                        order by created_at desc, id desc limit p.row_limit offset p.row_offset) r)
            """;

    @Test
    void everySnapshotIsExactDuringConcurrentWritesAndMaintenance() throws Exception {
        long seed = System.nanoTime();
        AtomicBoolean finished = new AtomicBoolean();
        AtomicInteger writes = new AtomicInteger();
        AtomicInteger applied = new AtomicInteger();
        AtomicInteger splits = new AtomicInteger();
        AtomicInteger reads = new AtomicInteger();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (OwnDatabase own = OwnDatabase.create(server)) {
            insert(own.client(), "member", "'2024-02-29Z'::timestamptz + n * interval '1 min'", BLOCK_SIZE);
            List<Future<?>> tasks = new ArrayList<>();
            for (String role : List.of("admin", "editor", "viewer", "member")) {
                SingleConnectionDataSource session = own.connect();
                Random random = new Random(seed + role.hashCode());
                tasks.add(threads.submit(() -> {
                    while (!finished.get()) {
                        write(session, role, random);
                        writes.incrementAndGet();
                    }
                }));
            }
            for (int i = 0; i < 2; i++) {
                JdbcClient maintainer = own.client();
                tasks.add(threads.submit(() -> {
                    while (!finished.get()) {
                        applied.addAndGet(applyDeltas(maintainer) > 0 ? 1 : 0);
                        splits.addAndGet(splitBlock(maintainer) ? 1 : 0);
                    }
                }));
                JdbcClient reader = own.client();
                Random random = new Random(seed + i);
                tasks.add(threads.submit(() -> {
                    while (!finished.get()) {
                        int skip = random.nextInt(4 * BLOCK_SIZE);
                        assertThat(reader.sql(SNAPSHOT)
                                        .param("skip", skip)
                                        .query(Boolean.class)
                                        .single())
                                .as("seed %d, %d skipped", seed, skip)
                                .isTrue();
                        reads.incrementAndGet();
                    }
                }));
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> tasks.stream().anyMatch(Future::isDone)
                            || (writes.get() > 60 && applied.get() > 20 && splits.get() > 2 && reads.get() > 20));
            finished.set(true);
            for (Future<?> task : tasks) {
                task.get();
            }
            maintain(own.client(), "many writes, seed " + seed);
        } finally {
            finished.set(true);
            threads.shutdown();
        }
    }

    /** Changes few or many users of the writer's role, created at one time or at many. */
    private static void write(SingleConnectionDataSource session, String role, Random random) {
        JdbcClient database = JdbcClient.create(session);
        transaction(session, TransactionDefinition.ISOLATION_DEFAULT).executeWithoutResult(status -> {
            switch (random.nextInt(6)) {
                case 0 -> insert(database, role, "'2024-02-29T12:00:00Z'", random.nextInt(1500));
                case 1 -> insert(database, role, "'2024-02-29Z'::timestamptz + random() * interval '3 days'", 300);
                case 2 -> change(database, "update users set status = 'active'", role, random);
                case 3 -> change(database, "update users set created_at = created_at + interval '1 h'", role, random);
                case 4 -> change(database, "update users set id = gen_random_uuid()", role, random);
                default -> change(database, "delete from users", role, random);
            }
            if (random.nextInt(5) == 0) {
                status.setRollbackOnly();
            }
        });
    }

    private static void change(JdbcClient database, String change, String role, Random random) {
        database.sql(change + " where role = ? and id in (select id from users where role = ? limit ?)")
                .params(role, role, random.nextInt(600))
                .update();
    }

    @Test
    void pagesAndTotalsOverHttpEqualOffsetAndCount() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Client admin = api.newUser("admin");
        try {
            insert(shared, "counted", "'2024-02-29T12:00:00.5Z'", 5 * BLOCK_SIZE);
            insert(
                    shared,
                    "tallied",
                    "'2024-02-29T12:00:00Z'::timestamptz + n % 500 * interval '0.3 s'",
                    2 * BLOCK_SIZE);
            for (int i = 0; i < 300; i++) {
                if (i == 50) { // most of them backdated into the middle
                    insert(shared, "tallied", "'2023-02-28Z'::timestamptz + n * interval '1 h'", 2 * BLOCK_SIZE);
                } else if (i == 150) {
                    shared.sql("update users set status = 'active' where role = 'counted' and status = 'pending'")
                            .update();
                } else if (i == 250) {
                    shared.sql("delete from users where role = 'counted' and status = 'active'")
                            .update();
                }
                compare(admin, random, "seed " + seed + ", " + i);
            }
        } finally {
            shared.sql("delete from users where role in ('counted', 'tallied')").update();
        }
        assertThat(differences(shared)).isZero();
    }

    private void compare(Client admin, Random random, String seed) {
        Map<String, @Nullable String> query = new HashMap<>();
        query.put("role", pick(random, null, "counted", "tallied", "counted,tallied"));
        query.put("status", pick(random, null, null, "active", "inactive", "active,pending"));
        query.put("created_after", pick(random, null, null, time(random)));
        query.put("created_before", pick(random, null, null, time(random)));
        query.put("sort", pick(random, null, "created_at"));
        query.values().removeIf(value -> value == null);
        String where = " where (:role::text is null or role = any (string_to_array(:role, ',')))"
                + " and (:status::text is null or status = any (string_to_array(:status, ',')))"
                + " and date_trunc('second', created_at) > coalesce(:created_after::timestamptz, '-infinity')"
                + " and date_trunc('second', created_at) < coalesce(:created_before::timestamptz, 'infinity')";
        Map<String, @Nullable Object> parameters = new HashMap<>();
        for (String name : List.of("role", "status", "created_after", "created_before")) {
            parameters.put(name, query.get(name));
        }
        long total = shared.sql("select count(*) from users" + where)
                .params(parameters)
                .query(Long.class)
                .single();
        int limit = 1 + random.nextInt(100);
        long page = 1 + random.nextLong(total / limit + 3);
        String direction = query.containsKey("sort") ? "" : " desc";
        List<UUID> ids = shared.sql("select id from users" + where + " order by created_at" + direction + ", id"
                        + direction + " limit :limit offset :offset")
                .params(parameters)
                .param("limit", limit)
                .param("offset", (page - 1) * limit)
                .query(UUID.class)
                .list();
        StringBuilder path = new StringBuilder("/api/v1/users?limit=" + limit + "&page=" + page);
        query.forEach((name, value) -> path.append("&" + name + "=" + value));

        Answer answer = admin.get(path.toString());

        assertThat(answer.body().at("/meta/total").longValue())
                .as("%s: %s", seed, path)
                .isEqualTo(total);
        assertThat(answer.data()
                        .valueStream()
                        .map(user -> Api.uuid(user.get("id").stringValue()))
                        .toList())
                .as("%s: %s", seed, path)
                .isEqualTo(ids);
    }

    private static @Nullable String pick(Random random, @Nullable String... values) {
        return values[random.nextInt(values.length)];
    }

    private static String time(Random random) {
        return random.nextBoolean()
                ? "2024-02-29T12:0" + random.nextInt(3) + ":" + (10 + random.nextInt(50)) + "Z"
                : "202" + (3 + random.nextInt(2)) + "-0" + (1 + random.nextInt(9)) + "-01T00:00:00.7Z";
    }

    @Test
    void totalsOverHttpShowEveryWriteImmediately() {
        shared.sql("insert into roles (name) values ('followed') on conflict do nothing")
                .update();
        Client admin = api.newUser("admin");
        assertThat(totals(admin)).containsExactly(0L, 0L);
        String first = api.create("followed");
        api.create("followed");
        assertThat(totals(admin)).containsExactly(2L, 2L);
        api.activate(first);
        assertThat(totals(admin)).containsExactly(2L, 1L);
        assertThat(admin.put("/api/v1/users/" + first, Map.of("role", "member")).status())
                .isEqualTo(200);
        assertThat(totals(admin)).containsExactly(1L, 1L);
        assertThat(admin.put("/api/v1/users/" + first, Map.of("role", "followed", "status", "pending"))
                        .status())
                .isEqualTo(200);
        assertThat(totals(admin)).containsExactly(2L, 2L);
        assertThat(admin.delete("/api/v1/users/" + first).status()).isEqualTo(200);
        assertThat(totals(admin)).containsExactly(1L, 1L);
        shared.sql("delete from users where role = 'followed'").update();
        assertThat(totals(admin)).containsExactly(0L, 0L);
    }

    /** Returns the totals of the role and of its pending users. */
    private static List<Long> totals(Client admin) {
        return List.of(total(admin, "role=followed"), total(admin, "role=followed&status=pending"));
    }

    private static long total(Client admin, String query) {
        return admin.get("/api/v1/users?" + query).body().at("/meta/total").longValue();
    }
}
