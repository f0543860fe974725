package dev.usersapi.database;

import dev.usersapi.error.StartupRefusedException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.stereotype.Component;

/** Waits for a database that is not there yet, refuses one that will not do, and then migrates it. */
@Component
class DatabaseWait implements FlywayMigrationStrategy {

    /**
     * Patience at the start.
     *
     * @param startupTimeout how long a database that does not answer is waited for
     */
    @ConfigurationProperties("users.database")
    record WaitProperties(@DefaultValue("60s") Duration startupTimeout) {}

    private static final Logger log = LoggerFactory.getLogger(DatabaseWait.class);
    private static final int OLDEST_MAJOR_VERSION = 15;

    private final JdbcConnectionDetails database;
    private final WaitProperties properties;

    DatabaseWait(JdbcConnectionDetails database, WaitProperties properties) {
        this.database = database;
        this.properties = properties;
    }

    @Override
    public void migrate(Flyway flyway) {
        long deadline = System.nanoTime() + properties.startupTimeout().toNanos();
        for (int attempt = 1; ; attempt++) {
            StartupRefusedException obstacle = passingObstacle();
            if (obstacle == null && migrated(flyway)) {
                return;
            }
            if (obstacle != null && System.nanoTime() >= deadline) {
                throw obstacle;
            }
            if (attempt % 5 == 1) {
                log.info("Waiting for the database at {}", url());
            }
            pause();
        }
    }

    /** False where the migration was the victim of a deadlock with instances at work, and may be tried again. */
    private boolean migrated(Flyway flyway) {
        try {
            // on a connection without the pool's time-outs: a migration may take as long as it must
            MigrateResult result = Flyway.configure()
                    .configuration(flyway.getConfiguration())
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
                    "The migrations that were applied to the database at " + url() + " are not those of this version.",
                    "If a version before the first release created it, see \"Databases from before the first release\" in"
                            + " src/docs/upgrade.md.");
        } catch (FlywayException e) {
            PSQLException cause = Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                    .filter(PSQLException.class::isInstance)
                    .map(PSQLException.class::cast)
                    .findFirst()
                    .orElseThrow(() -> e);
            switch (String.valueOf(cause.getSQLState())) {
                case "40P01" -> {
                    return false;
                }
                case "42501" ->
                    throw new StartupRefusedException(
                            "The user " + database.getUsername() + " may not create tables in " + url() + ".",
                            "Make that user the owner of the database: alter database … owner to …");
                default -> throw e;
            }
        }
    }

    private Connection connect() throws SQLException {
        Properties connection = new Properties();
        connection.setProperty("user", String.valueOf(database.getUsername()));
        connection.setProperty("password", String.valueOf(database.getPassword()));
        connection.setProperty("loginTimeout", "5");
        return DriverManager.getConnection(database.getJdbcUrl(), connection);
    }

    /** Why the database cannot be used now, where that may pass; null where it can. */
    private @Nullable StartupRefusedException passingObstacle() {
        try (Connection opened = connect()) {
            requireVersion(opened.getMetaData().getDatabaseMajorVersion());
            try (Statement statement = opened.createStatement();
                    ResultSet row = statement.executeQuery("select getdatabaseencoding() as encoding,"
                            + " current_setting('transaction_read_only')::boolean as read_only,"
                            + " exists (select from pg_collation where collname = 'und-x-icu') as icu")) {
                row.next();
                requireEncoding(row.getString("encoding"));
                requireCollation(row.getBoolean("icu"));
                return row.getBoolean("read_only") // which ends when a standby is promoted
                        ? new StartupRefusedException(
                                "The database at " + url() + " can only be read.",
                                "Name the primary, not a standby, in SPRING_DATASOURCE_URL; on a primary, set"
                                        + " default_transaction_read_only to off.")
                        : null;
            }
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (state.startsWith("08") || state.startsWith("57P") || state.startsWith("53")) {
                // not reachable, starting up, or out of connections for now
                return new StartupRefusedException(
                        "The database at " + url() + " did not answer within "
                                + properties.startupTimeout().toSeconds() + " seconds.",
                        "Start it, or correct SPRING_DATASOURCE_URL.");
            }
            throw refusal(state, e);
        }
    }

    private void requireVersion(int version) {
        if (version < OLDEST_MAJOR_VERSION) {
            throw new StartupRefusedException(
                    "The database at " + url() + " is PostgreSQL " + version + ".",
                    "Use PostgreSQL " + OLDEST_MAJOR_VERSION + " or newer.");
        }
    }

    private void requireEncoding(String encoding) {
        if (!encoding.equals("UTF8")) {
            throw new StartupRefusedException(
                    "The database at " + url() + " has the encoding " + encoding
                            + ", which cannot hold every character.",
                    "Create it with: create database … encoding 'UTF8' locale 'C' template template0");
        }
    }

    private void requireCollation(boolean icu) {
        if (!icu) {
            throw new StartupRefusedException(
                    "The database at " + url() + " has no collation \"und-x-icu\".",
                    "Use a PostgreSQL that was built with ICU, as the official packages and images are.");
        }
    }

    private StartupRefusedException refusal(String state, SQLException failure) {
        return switch (state) {
            case "28P01", "28000" ->
                new StartupRefusedException(
                        "The database at " + url() + " refuses the user " + database.getUsername()
                                + " or the password.",
                        "Correct SPRING_DATASOURCE_USERNAME and SPRING_DATASOURCE_PASSWORD.");
            case "3D000" ->
                new StartupRefusedException(
                        "The database that " + url() + " names does not exist.",
                        "Create it, or correct SPRING_DATASOURCE_URL.");
            default ->
                new StartupRefusedException(
                        "The database at " + url() + " cannot be used: " + failure.getMessage() + ".",
                        "Correct SPRING_DATASOURCE_URL.");
        };
    }

    /** Without parameters: a password may be among them. */
    private String url() {
        return database.getJdbcUrl().replaceFirst("\\?.*", "");
    }

    private static void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupRefusedException("The start was interrupted.", "Start again.");
        }
    }
}
