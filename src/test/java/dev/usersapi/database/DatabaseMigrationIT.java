package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usersapi.database.DatabaseMigration.WaitProperties;
import dev.usersapi.error.StartupRefusedException;
import dev.usersapi.support.ApiTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.assertj.core.api.ThrowingConsumer;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The start is refused, before anything is changed, if the service cannot use the database. */
@ApiTest
class DatabaseMigrationIT {

    private final String name = "migration_" + UUID.randomUUID().toString().replace("-", "");

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
        new DatabaseMigration(details, new WaitProperties(Duration.ZERO))
                .migrate(flyway.dataSource(source()).load());
    }

    private void assertRefused(String reason) {
        assertThatExceptionOfType(StartupRefusedException.class)
                .isThrownBy(this::start)
                .withMessage(reason);
    }

    @Test
    void startIsRefusedWhenTheEncodingIsNotUtf8() {
        create("encoding 'LATIN1' locale_provider libc locale 'C'");

        assertRefused("The database at " + url() + " has the encoding LATIN1, which cannot store every character.");
    }

    @Test
    void startIsRefusedWithoutTheUnicodeCollation() {
        create("");
        database.sql("drop collation \"und-x-icu\"").update();

        assertRefused("The database at " + url() + " has no collation \"und-x-icu\".");
    }

    @Test
    void startIsRefusedWhenTheDatabaseIsReadOnly() {
        create("");
        shared.sql("alter database " + name + " set default_transaction_read_only = on")
                .update();

        assertRefused("The database at " + url() + " is read-only.");
    }

    @Test
    void messageOfAViolatedConstraintContainsNoValues(@TempDir Path migrations) throws IOException {
        String violation = "insert into users (id, email, name, role, status, settings, created_at, version)"
                + " values (gen_random_uuid(), '', 'Private' || ' name', 'member', 'active', '{}', now(), 0)";
        ThrowingConsumer<PSQLException> hasNoValues = failure -> {
            assertThat(failure.getMessage()).contains("users_email_check").doesNotContain("Private name");
            ServerErrorMessage message = failure.getServerErrorMessage();
            assertThat(message).isNotNull();
            assertThat(message.getConstraint()).isEqualTo("users_email_check");
        };
        assertThatExceptionOfType(DataIntegrityViolationException.class)
                .isThrownBy(() -> shared.sql(violation).update())
                .havingRootCause()
                .isInstanceOfSatisfying(PSQLException.class, hasNoValues);

        create("");
        Files.writeString(migrations.resolve("V9999__violation.sql"), violation);
        assertThatExceptionOfType(FlywayException.class)
                .isThrownBy(
                        () -> start(Flyway.configure().locations("classpath:db/migration", "filesystem:" + migrations)))
                .havingRootCause()
                .isInstanceOfSatisfying(PSQLException.class, hasNoValues);
    }

    @Test
    void isolationLevelIsReadCommittedWhateverTheDefaultOfTheDatabase() {
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

        assertRefused(
                "The migrations that were applied to the database at " + url() + " are not those of this version.");

        database.sql("drop table flyway_schema_history").update();
        start(Flyway.configure().baselineOnMigrate(true).baselineVersion("0013"));
        start();
    }
}
