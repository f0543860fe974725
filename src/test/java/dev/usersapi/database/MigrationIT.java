package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.role.Permission;
import dev.usersapi.support.ApiTest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Migrations from an empty schema to the newest version keep the rows that earlier versions have written. */
@ApiTest
class MigrationIT {

    private static final String LAST_MIGRATION_OF_FIRST_RELEASE = "0013";

    private final String schema = "migration_" + UUID.randomUUID().toString().replace("-", "");

    @Autowired
    private JdbcConnectionDetails connection;

    @Autowired
    private JdbcClient database;

    private JdbcClient migrated = JdbcClient.create(new DriverManagerDataSource());

    @BeforeEach
    void connect() {
        database.sql("create schema " + schema).update();
        String url = connection.getJdbcUrl();
        migrated = JdbcClient.create(new DriverManagerDataSource(
                url + (url.contains("?") ? "&" : "?") + "currentSchema=" + schema,
                String.valueOf(connection.getUsername()),
                String.valueOf(connection.getPassword())));
    }

    @AfterEach
    void drop() {
        database.sql("drop schema " + schema + " cascade").update();
    }

    private void migrateTo(String version) {
        Flyway.configure()
                .dataSource(
                        connection.getJdbcUrl(),
                        String.valueOf(connection.getUsername()),
                        String.valueOf(connection.getPassword()))
                .schemas(schema)
                .target(version)
                .load()
                .migrate();
    }

    private long total(String sql) {
        return migrated.sql("select " + sql).query(Long.class).single();
    }

    /** Rows of a version are inserted after its last migration, and later migrations must keep them. */
    @Test
    void rowsOfEachVersionAreStillThereAfterTheNewestMigration() {
        migrateTo(LAST_MIGRATION_OF_FIRST_RELEASE);
        migrated.sql("insert into roles (name) values ('of_version_1')").update();
        migrated.sql("insert into role_permissions values ('of_version_1', 'users:read')")
                .update();
        migrated.sql("""
                        insert into users (id, email, name, role, status, password_hash, settings, created_at, version)
                        values ('01890a5d-ac96-774b-bcce-b302099a8057', 'Ann@example.com', 'Ann', 'of_version_1',
                                'active', '-', '{"theme":"dark"}', '2024-01-01T00:00:00Z', 0),
                            ('01890a5d-ac96-774b-bcce-b302099a8058', 'ben@example.com', 'Ben', 'member', 'pending',
                                null, '{}', '2024-01-02T00:00:00Z', 0)""").update();
        migrated.sql("""
                        insert into sessions (id, user_id, created_at, expires_at, last_used_at)
                        values (gen_random_uuid(), '01890a5d-ac96-774b-bcce-b302099a8057', now(), now(), now())""").update();
        migrated.sql("insert into refresh_tokens (hash, session_id, used) select '\\x01', id, true from sessions")
                .update();
        migrated.sql("insert into refresh_token_replay_mails values ('01890a5d-ac96-774b-bcce-b302099a8057', now())")
                .update();
        migrated.sql("""
                        insert into signing_keys
                        values ('a', '{"kty": "RSA", "kid": "a", "n": "AQ", "e": "AQAB"}', now(), now(), now())""").update();
        migrated.sql("insert into configured_signing_keys select id, jwk, created_at, used_at from signing_keys")
                .update();
        migrated.sql("""
                        insert into scheduled_tasks
                            (task_name, task_instance, task_data, execution_time, picked, version)
                        values ('mail', '1', '{}', now(), false, 1)""").update();
        migrated.sql("""
                        insert into account_actions (id, user_id, kind, created_at, expires_at)
                        values ('01890a5d-ac96-774b-bcce-b302099a8059', '01890a5d-ac96-774b-bcce-b302099a8058',
                            'activation', now(), now())""").update();
        migrated.sql("insert into one_time_tokens values ('\\x01', '01890a5d-ac96-774b-bcce-b302099a8059', now())")
                .update();
        migrated.sql("insert into failed_logins values ('\\x00', '192.0.2.1', 1, now(), null)")
                .update();
        migrated.sql("""
                        insert into api_keys (id, user_id, hash, name, prefix, permissions, created_at)
                        values (gen_random_uuid(), '01890a5d-ac96-774b-bcce-b302099a8057', '\\x00', 'A key',
                            'uak_kQLhR_B0', '{users:read}', now())""").update();
        migrated.sql("""
                        insert into totp (user_id, secret, created_at, confirmed_at, last_step, recovery_codes)
                        values ('01890a5d-ac96-774b-bcce-b302099a8057', '\\x01', now(), now(), 1,
                            array['\\x02'::bytea])""").update();
        migrated.sql("insert into idempotency_keys values ('\\x01', '\\x02', now())")
                .update();
        Map<String, String> before = rows();
        assertThat(before.values()).as("each table has rows").doesNotContain("");

        migrateTo("latest");

        Map<String, String> after = rows();
        assertThat(after).containsAllEntriesOf(before);
        assertThat(total("user_total(null, null)")).isEqualTo(2);
        assertThat(total("user_total(array['active'], array['of_version_1'])")).isEqualTo(1);
        assertThat(total("(select count(*) from user_count_differences)")).isZero();
        assertThat(migrated.sql("select name from users where user_trigrams(name, email) @@ user_trigram_query('ann@')")
                        .query(String.class)
                        .single())
                .isEqualTo("Ann");
        assertThat(migrated.sql("select permission from role_permissions where role = 'admin'")
                        .query(String.class)
                        .set())
                .as("the admin role has every permission")
                .isEqualTo(Arrays.stream(Permission.values())
                        .map(Permission::toString)
                        .collect(Collectors.toSet()));
    }

    /** The rows of each table as text. A migration that adds a column must adapt this test. */
    private Map<String, String> rows() {
        List<String> tables = migrated.sql(
                        "select table_name from information_schema.tables where table_schema = ?"
                                + " and table_type = 'BASE TABLE' and table_name not in ('flyway_schema_history', 'user_counts')")
                .param(schema)
                .query(String.class)
                .list();
        Map<String, String> rows = new TreeMap<>();
        for (String table : tables) {
            rows.put(
                    table,
                    migrated.sql("select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from " + table
                                    + " t")
                            .query(String.class)
                            .single());
        }
        return rows;
    }
}
