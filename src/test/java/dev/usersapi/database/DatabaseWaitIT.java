package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usersapi.database.DatabaseWait.WaitProperties;
import dev.usersapi.error.StartupRefusedException;
import dev.usersapi.support.ApiTest;
import java.time.Duration;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A database that the service cannot use is refused with a sentence, before anything in it is changed. */
@ApiTest
class DatabaseWaitIT {

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

    private void start() {
        start(Flyway.configure());
    }

    private void start(FluentConfiguration flyway) {
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
                .migrate(flyway.dataSource(source()).load());
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
    void otherMigrationsAreRefusedUntilTheirHistoryIsReplacedByABaseline() {
        create("");
        start();
        database.sql("update flyway_schema_history set checksum = 1 where version = '0001'")
                .update();

        refuses("The migrations that were applied to the database at " + url() + " are not those of this version.");

        database.sql("drop table flyway_schema_history").update();
        start(Flyway.configure().baselineOnMigrate(true).baselineVersion("0013"));
        start();
    }
}
