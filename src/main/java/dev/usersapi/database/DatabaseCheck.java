package dev.usersapi.database;

import dev.usersapi.error.StartupRefusedException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** Checks at the start whether the service can use the configured database, before anything in it is changed. */
final class DatabaseCheck {

    private static final int MIN_MAJOR_VERSION = 15;

    private final JdbcConnectionDetails database;
    private final Duration timeout;

    /** @param timeout how long the start waits, for the text of a refusal */
    DatabaseCheck(JdbcConnectionDetails database, Duration timeout) {
        this.database = database;
        this.timeout = timeout;
    }

    /**
     * Returns why the database cannot be used now, if that may change while the service waits; empty if the database can
     * be used.
     *
     * @throws StartupRefusedException if the database cannot be used and waiting does not help
     */
    Optional<StartupRefusedException> findTemporaryObstacle() {
        try (Connection connection = connect()) {
            requireVersion(connection.getMetaData().getDatabaseMajorVersion());
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select getdatabaseencoding() as encoding,"
                            + " current_setting('transaction_read_only')::boolean as read_only,"
                            + " exists (select from pg_collation where collname = 'und-x-icu') as icu")) {
                row.next();
                requireEncoding(row.getString("encoding"));
                requireCollation(row.getBoolean("icu"));
                return row.getBoolean("read_only") ? Optional.of(readOnly()) : Optional.empty();
            }
        } catch (SQLException e) {
            return Optional.of(temporaryObstacle(e));
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", String.valueOf(database.getUsername()));
        properties.setProperty("password", String.valueOf(database.getPassword()));
        properties.setProperty("loginTimeout", "5");
        return DriverManager.getConnection(database.getJdbcUrl(), properties);
    }

    private void requireVersion(int version) {
        if (version < MIN_MAJOR_VERSION) {
            throw new StartupRefusedException(
                    "The database at " + url() + " is PostgreSQL " + version + ".",
                    "Use PostgreSQL " + MIN_MAJOR_VERSION + " or newer.");
        }
    }

    private void requireEncoding(String encoding) {
        if (!encoding.equals("UTF8")) {
            throw new StartupRefusedException(
                    "The database at " + url() + " has the encoding " + encoding
                            + ", which cannot store every character.",
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

    /** Temporary, because a standby can be promoted. */
    private StartupRefusedException readOnly() {
        return new StartupRefusedException(
                "The database at " + url() + " is read-only.",
                "Set SPRING_DATASOURCE_URL to the primary, not to a standby. On a primary, set"
                        + " default_transaction_read_only to off.");
    }

    private StartupRefusedException temporaryObstacle(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        if (state.startsWith("08") || state.startsWith("57P") || state.startsWith("53")) {
            // not reachable, starting or stopping, or without a free connection
            return new StartupRefusedException(
                    "The database at " + url() + " did not answer within " + timeout.toSeconds() + " seconds.",
                    "Start it, or correct SPRING_DATASOURCE_URL.");
        }
        throw switch (state) {
            case "28P01", "28000" ->
                new StartupRefusedException(
                        "The database at " + url() + " refuses the user " + database.getUsername()
                                + " or the password.",
                        "Correct SPRING_DATASOURCE_USERNAME and SPRING_DATASOURCE_PASSWORD.");
            case "3D000" ->
                new StartupRefusedException(
                        "The database at " + url() + " does not exist.",
                        "Create it, or correct SPRING_DATASOURCE_URL.");
            default ->
                new StartupRefusedException(
                        "The database at " + url() + " cannot be used: " + failure.getMessage() + ".",
                        "Correct SPRING_DATASOURCE_URL.");
        };
    }

    /** The URL for texts, without parameters, because they may contain a password. */
    String url() {
        return database.getJdbcUrl().replaceFirst("\\?.*", "");
    }
}
