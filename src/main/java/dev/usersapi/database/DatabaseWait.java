package dev.usersapi.database;

import dev.usersapi.error.StartupRefusedException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
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
        for (int attempt = 1; !isReady(); attempt++) {
            if (System.nanoTime() >= deadline) {
                throw new StartupRefusedException(
                        "The database at " + url() + " did not answer within "
                                + properties.startupTimeout().toSeconds() + " seconds.",
                        "Start it, or correct SPRING_DATASOURCE_URL.");
            }
            if (attempt % 5 == 1) {
                log.info("Waiting for the database at {}", url());
            }
            pause();
        }
        try {
            // on a connection without the pool's time-outs: a migration may take as long as it must
            Flyway.configure()
                    .configuration(flyway.getConfiguration())
                    .dataSource(database.getJdbcUrl(), database.getUsername(), database.getPassword())
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            boolean forbidden = Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                    .anyMatch(cause -> cause instanceof SQLException sql && "42501".equals(sql.getSQLState()));
            if (forbidden) {
                throw new StartupRefusedException(
                        "The user " + database.getUsername() + " may not create tables in " + url() + ".",
                        "Make that user the owner of the database: alter database … owner to …");
            }
            throw e;
        }
    }

    /** False when it may be there in a moment. */
    private boolean isReady() {
        Properties connection = new Properties();
        connection.setProperty("user", String.valueOf(database.getUsername()));
        connection.setProperty("password", String.valueOf(database.getPassword()));
        connection.setProperty("loginTimeout", "5");
        try (Connection opened = DriverManager.getConnection(database.getJdbcUrl(), connection)) {
            int version = opened.getMetaData().getDatabaseMajorVersion();
            if (version < OLDEST_MAJOR_VERSION) {
                throw new StartupRefusedException(
                        "The database at " + url() + " is PostgreSQL " + version + ".",
                        "Use PostgreSQL " + OLDEST_MAJOR_VERSION + " or newer.");
            }
            return true;
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (state.startsWith("08") || state.startsWith("57P") || state.startsWith("53")) {
                return false; // not reachable, starting up, or out of connections for now
            }
            throw refusal(state, e);
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
