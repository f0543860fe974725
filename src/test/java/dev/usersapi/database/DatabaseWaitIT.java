package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usersapi.database.DatabaseWait.WaitProperties;
import dev.usersapi.error.StartupRefusedException;
import dev.usersapi.support.ApiTest;
import java.time.Duration;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What a database must be, and the rows in it, is told in a sentence before anything is changed. */
@ApiTest
class DatabaseWaitIT {

    private static final String USER =
            "insert into users (id, email, name, role, status, settings, created_at, version)"
                    + " values (gen_random_uuid(), ?, 'Iris', 'member', 'pending', ?::jsonb, now(), 0)";

    private final String name = "wait_" + UUID.randomUUID().toString().replace("-", "");

    @Autowired
    private JdbcConnectionDetails server;

    @Autowired
    private JdbcClient shared;

    private JdbcClient database = JdbcClient.create(new DriverManagerDataSource());

    private void create(String options) {
        shared.sql("create database " + name + " template template0 " + options).update();
        database = JdbcClient.create(source());
    }

    @AfterEach
    void drop() {
        shared.sql("drop database if exists " + name + " with (force)").update();
    }

    private String url() {
        return server.getJdbcUrl().replaceFirst("/[^/?]*(\\?.*)?$", "/" + name);
    }

    private DriverManagerDataSource source() {
        return new DriverManagerDataSource(
                url(), String.valueOf(server.getUsername()), String.valueOf(server.getPassword()));
    }

    private void migrateTo(String version) {
        Flyway.configure().dataSource(source()).target(version).load().migrate();
    }

    private void start() {
        JdbcConnectionDetails details = new JdbcConnectionDetails() {
            @Override
            public String getJdbcUrl() {
                return url();
            }

            @Override
            public String getUsername() {
                return String.valueOf(server.getUsername());
            }

            @Override
            public String getPassword() {
                return String.valueOf(server.getPassword());
            }
        };
        new DatabaseWait(details, new WaitProperties(Duration.ZERO))
                .migrate(Flyway.configure().dataSource(source()).load());
    }

    private void refuses(String reason) {
        assertThatExceptionOfType(StartupRefusedException.class)
                .isThrownBy(this::start)
                .withMessage(reason);
    }

    @Test
    void anEncodingOtherThanUtf8IsRefused() {
        create("encoding 'LATIN1' locale_provider libc locale 'C'");

        refuses("The database at " + url() + " has the encoding LATIN1, which cannot hold every character.");
    }

    @Test
    void aDatabaseWithoutUnicodeCollationIsRefused() {
        create("");
        database.sql("drop collation \"und-x-icu\"").update();

        refuses("The database at " + url() + " has no collation \"und-x-icu\".");
    }

    @Test
    void aDatabaseThatCanOnlyBeReadIsRefused() {
        create("");
        shared.sql("alter database " + name + " set default_transaction_read_only = on")
                .update();

        refuses("The database at " + url() + " can only be read.");
    }

    @Test
    void isolationOfTheDatabaseIsNotTakenOver() {
        assertThat(shared.sql("select setting || ' of ' || source from pg_settings"
                                + " where name = 'default_transaction_isolation'")
                        .query(String.class)
                        .single())
                .isEqualTo("read committed of session");
    }

    @Test
    void emailsThatDifferInCaseOnlyAreToldBeforeTheyAreForbidden() {
        create("locale_provider icu icu_locale 'tr-TR' locale 'C'");
        migrateTo("23");
        database.sql(USER).params("IRIS@example.com", "{}").update();
        database.sql(USER).params("iris@example.com", "{}").update();

        refuses("The database at " + url() + " has users whose e-mails differ in nothing but case.");

        database.sql("delete from users where email = 'IRIS@example.com'").update();
        start();
    }

    @Test
    void rowsThatTheCodeCannotReadAreToldWithAQueryThatFindsThem() {
        create("");
        migrateTo("24");
        database.sql(USER).params("iris@example.com", "[]").update();
        database.sql(USER).params("ida@example.com", "{}").update();

        assertThatExceptionOfType(StartupRefusedException.class)
                .isThrownBy(this::start)
                .withMessage(
                        "The table users in " + url() + " has rows that break the constraint users_settings_sound.")
                .satisfies(refusal -> {
                    String query = refusal.action().replaceFirst(".*This finds them: ", "");
                    assertThat(database.sql(query.replaceFirst("\\*", "email"))
                                    .query(String.class)
                                    .list())
                            .containsExactly("iris@example.com");
                });

        database.sql("update users set settings = '{}'").update();
        start();
    }
}
