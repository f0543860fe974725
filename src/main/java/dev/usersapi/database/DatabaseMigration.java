package dev.usersapi.database;

import dev.usersapi.error.StartupRefusedException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.MigrateResult;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.stereotype.Component;

/** Waits at the start until the database can be used, and then applies the migrations. */
@Component
class DatabaseMigration implements FlywayMigrationStrategy {

    /**
     * Settings of the wait for the database.
     *
     * @param startupTimeout how long the start waits for a database that does not answer
     */
    @ConfigurationProperties("users.database")
    record WaitProperties(@DefaultValue("60s") Duration startupTimeout) {}

    private static final Logger log = LoggerFactory.getLogger(DatabaseMigration.class);

    private final JdbcConnectionDetails database;
    private final DatabaseCheck check;
    private final Duration timeout;

    DatabaseMigration(JdbcConnectionDetails database, WaitProperties properties) {
        this.database = database;
        this.check = new DatabaseCheck(database, properties.startupTimeout());
        this.timeout = properties.startupTimeout();
    }

    @Override
    public void migrate(Flyway flyway) {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (int attempt = 1; ; attempt++) {
            Optional<StartupRefusedException> obstacle = check.findTemporaryObstacle();
            if (obstacle.isEmpty() && applyMigrations(flyway)) {
                return;
            }
            if (obstacle.isPresent() && System.nanoTime() >= deadline) {
                throw obstacle.get();
            }
            if (attempt % 5 == 1) {
                log.info("Waiting for the database at {}", check.url());
            }
            sleep();
        }
    }

    /** Returns false after a deadlock with statements of running instances; the migration can then be repeated. */
    private boolean applyMigrations(Flyway flyway) {
        try {
            // not on a connection of the pool, whose timeouts could interrupt a long migration
            MigrateResult result = Flyway.configure()
                    .configuration(flyway.getConfiguration())
                    .jdbcProperties(Map.of("logServerErrorDetail", "false")) // it contains values of rows
                    .dataSource(database.getJdbcUrl(), database.getUsername(), database.getPassword())
                    .load()
                    .migrate();
            if (result.migrationsExecuted > 0) {
                log.info(
                        "{} migrations were applied; the schema of the database is now at version {}",
                        result.migrationsExecuted,
                        result.targetSchemaVersion);
            }
            return true;
        } catch (FlywayValidateException e) {
            log.debug("The migrations differ", e);
            throw new StartupRefusedException(
                    "The migrations that were applied to the database at " + check.url()
                            + " are not those of this version.",
                    "If a version before the first release created it, see \"Databases from before the first release\" in"
                            + " src/docs/upgrade.md.");
        } catch (FlywayException e) {
            switch (sqlState(e)) {
                case "40P01" -> {
                    return false;
                }
                case "42501" ->
                    throw new StartupRefusedException(
                            "The user " + database.getUsername() + " is not allowed to create tables in " + check.url()
                                    + ".",
                            "Make that user the owner of the database: alter database … owner to …");
                default -> throw e;
            }
        }
    }

    private static String sqlState(Exception failure) {
        return Stream.<Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)
                .filter(PSQLException.class::isInstance)
                .map(PSQLException.class::cast)
                .findFirst()
                .map(PSQLException::getSQLState)
                .orElse("");
    }

    private static void sleep() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupRefusedException("The start was interrupted.", "Start again.");
        }
    }
}
