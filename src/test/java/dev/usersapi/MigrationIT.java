package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.role.Permission;
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
        String signingKey = "insert into signing_keys (id, jwk, created_at) values (?, '{}', '2024-01-01T00:00:00Z')";
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
        migrateTo("latest");

        assertThat(total("user_total(null, null)")).isEqualTo(2);
        assertThat(total("(select count(*) from user_count_differences)")).isZero();
        assertThat(migrated.sql("select string_agg(name, ',' order by name) from users"
                                + " where user_parts(name, email) @@ user_parts_query('V2@') or name = 'Five'")
                        .query(String.class)
                        .single())
                .isEqualTo("Five,Two");
        assertThat(migrated.sql("select key from cursor_keys")
                        .query(byte[].class)
                        .single())
                .as("cursors outlive upgrades")
                .isEqualTo(key);

        migrated.sql(signingKey).param("of an older instance beside newer ones").update();
        assertThat(total("(select count(*) from signing_keys where signs_from <= now())"))
                .as("keys that sign at once")
                .isEqualTo(2);

        assertThat(migrated.sql("select u.name from users u join sessions s on s.user_id = u.id"
                                + " where lower(email) = 'v2@example.com' and settings ->> 'theme' = 'dark'")
                        .query(String.class)
                        .single())
                .isEqualTo("Two");
        assertThat(migrated.sql("select permission from role_permissions where role = 'admin'")
                        .query(String.class)
                        .set())
                .as("the admin role has every permission")
                .isEqualTo(Arrays.stream(Permission.values())
                        .map(Permission::toString)
                        .collect(Collectors.toSet()));
    }
}
