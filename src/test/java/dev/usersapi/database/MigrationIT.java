package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.role.Permission;
import dev.usersapi.support.ApiTest;
import java.util.Arrays;
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

/** From empty to newest, with the rows that each version could hold still there after all later ones. */
@ApiTest
class MigrationIT {

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

    @Test
    void rowsOfEveryVersionAreStillThereAtTheNewest() {
        migrateTo("1");
        migrated.sql("insert into roles (name) values ('of_version_1')").update();
        migrateTo("2");
        migrated.sql("""
                        insert into users (id, email, name, role, status, password_hash, settings, created_at, version)
                        values ('01890a5d-ac96-774b-bcce-b302099a8057', 'V2@example.com', 'Two', 'of_version_1',
                            'active', '-', '{"theme":"dark"}', '2024-01-01T00:00:00Z', 0)""").update();
        migrateTo("3");
        migrated.sql("""
                        insert into sessions (id, user_id, created_at, expires_at)
                        values (gen_random_uuid(), '01890a5d-ac96-774b-bcce-b302099a8057', now(), now())""").update();
        migrated.sql(
                        "insert into refresh_tokens (hash, session_id, used) select 'of_version_3', id, true from sessions")
                .update();
        String signingKey = "insert into signing_keys (id, jwk, created_at) select id, jsonb_build_object('kty', 'RSA',"
                + " 'kid', id, 'n', 'AQ', 'e', 'AQAB')::text, '2024-01-01T00:00:00Z' from (values (?)) v (id)";
        migrated.sql(signingKey).param("of_version_3").update();
        migrateTo("5");
        assertThat(total("user_total(array['active'], array['of_version_1'])")).isEqualTo(1);
        assertThat(total("user_total(null, null)")).isEqualTo(1);
        migrated.sql("""
                        insert into users (id, email, name, role, status, password_hash, settings, created_at, version)
                        values ('01890a5d-ac96-774b-bcce-b302099a8058', 'V5@example.com', 'Five', 'member',
                            'pending', '-', '{}', '2024-01-02T00:00:00Z', 0)""").update();
        migrateTo("7");
        byte[] key =
                migrated.sql("select key from cursor_keys").query(byte[].class).single();
        assertThat(key).hasSize(32);
        migrateTo("11");
        migrated.sql("""
                        insert into scheduled_tasks
                            (task_name, task_instance, task_data, execution_time, picked, version)
                        values ('mail', '1', '{}', now(), false, 1)""").update();
        migrateTo("12");
        migrated.sql("""
                        insert into links (id, user_id, kind, created_at, expires_at)
                        values ('01890a5d-ac96-774b-bcce-b302099a8059', '01890a5d-ac96-774b-bcce-b302099a8058',
                            'activation', now(), now())""").update();
        migrated.sql("insert into link_tokens values ('\\x01', '01890a5d-ac96-774b-bcce-b302099a8059')")
                .update();
        migrateTo("15");
        migrated.sql("insert into failed_logins values ('\\x00', '192.0.2.1', 1, now(), null)")
                .update();
        migrateTo("16");
        migrated.sql("""
                        insert into api_keys (id, user_id, hash, name, prefix, permissions, created_at)
                        values (gen_random_uuid(), '01890a5d-ac96-774b-bcce-b302099a8057', '\\x00', 'Sixteen',
                            'uak_kQLhR_B0', '{users:read}', now())""").update();
        migrateTo("19");
        migrated.sql("""
                        insert into totp (user_id, secret, created_at, confirmed_at, last_step, recovery_codes)
                        values ('01890a5d-ac96-774b-bcce-b302099a8057', '\\x01', now(), now(), 1,
                            array['\\x02'::bytea])""").update();
        migrateTo("22");
        migrated.sql("insert into idempotency_keys values ('\\x01', '\\x02', now())")
                .update();
        migrateTo("latest");

        assertThat(total("count(*) from idempotency_keys where answer = '\\x02'"))
                .isEqualTo(1);
        assertThat(total("(select count(*) from scheduled_tasks where task_name = 'mail')"))
                .as("queued mail outlives upgrades")
                .isEqualTo(1);
        assertThat(total("user_total(null, null)")).isEqualTo(2);
        assertThat(total("(select count(*) from user_count_differences)")).isZero();
        assertThat(migrated.sql("select string_agg(name, ',' order by name) from users"
                                + " where user_trigrams(name, email) @@ user_trigram_query('V2@') or name = 'Five'")
                        .query(String.class)
                        .single())
                .isEqualTo("Five,Two");
        assertThat(migrated.sql("select key from cursor_keys")
                        .query(byte[].class)
                        .single())
                .as("cursors outlive upgrades")
                .isEqualTo(key);

        assertThat(migrated.sql("select u.name from users u join account_actions l on l.user_id = u.id"
                                + " join one_time_tokens t on t.action_id = l.id where t.hash = '\\x01'")
                        .query(String.class)
                        .single())
                .isEqualTo("Five");
        assertThat(migrated.sql("select u.name from users u join sessions s on s.user_id = u.id"
                                + " where lower(email) = 'v2@example.com' and settings ->> 'theme' = 'dark'")
                        .query(String.class)
                        .single())
                .isEqualTo("Two");
        assertThat(migrated.sql("select k.name from users u join api_keys k on k.user_id = u.id"
                                + " join roles r on r.name = u.role where r.description = ''")
                        .query(String.class)
                        .single())
                .isEqualTo("Sixteen");
        assertThat(total("(select count(*) from sessions s join refresh_tokens t on t.session_id = s.id where t.used"
                        + " and t.used_at is null and s.last_used_at > now() - interval '1 minute' and s.ip is null)"))
                .isEqualTo(1);
        assertThat(total("(select sum(failures) from failed_logins)")).isEqualTo(1);
        assertThat(total("count(*) from totp where last_step = 1 and cardinality(recovery_codes) = 1"))
                .isEqualTo(1);
        assertThat(migrated.sql("select permission from role_permissions where role = 'admin'")
                        .query(String.class)
                        .set())
                .as("the admin role has every permission")
                .isEqualTo(Arrays.stream(Permission.values())
                        .map(Permission::toString)
                        .collect(Collectors.toSet()));
    }
}
