package dev.usersapi.support;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A migrated database for one test or class, on the PostgreSQL of the tests. No service uses it. Closing drops it. */
public final class OwnDatabase implements AutoCloseable {

    private static final Map<String, String> TEMPLATES = new ConcurrentHashMap<>();

    private final String name = "own_" + UUID.randomUUID().toString().replace("-", "");
    private final JdbcConnectionDetails server;
    private final List<SingleConnectionDataSource> sessions = new ArrayList<>();

    private OwnDatabase(JdbcConnectionDetails server) {
        this.server = server;
    }

    public static OwnDatabase create(JdbcConnectionDetails server) {
        String template = TEMPLATES.computeIfAbsent(String.valueOf(server.getJdbcUrl()), url -> template(server));
        return create(server, "template " + template);
    }

    /** Migrates one template for each server, because a copy takes a fraction of the time. */
    private static String template(JdbcConnectionDetails server) {
        OwnDatabase database = empty(server);
        Flyway.configure()
                .dataSource(database.url(), database.username(), database.password())
                .load()
                .migrate();
        return database.name;
    }

    /** Creates a database without tables. */
    public static OwnDatabase empty(JdbcConnectionDetails server) {
        return create(server, TurkishDatabase.OPTIONS);
    }

    private static OwnDatabase create(JdbcConnectionDetails server, String options) {
        OwnDatabase database = new OwnDatabase(server);
        database.onServer("create database " + database.name + " " + options);
        return database;
    }

    /** The settings of a service that uses this database. */
    public Map<String, String> settings() {
        return Map.of(
                "SPRING_DATASOURCE_URL", url(),
                "SPRING_DATASOURCE_USERNAME", username(),
                "SPRING_DATASOURCE_PASSWORD", password());
    }

    /** Opens one connection, which all statements use. */
    public synchronized SingleConnectionDataSource connect() {
        SingleConnectionDataSource session = new SingleConnectionDataSource(url(), username(), password(), true);
        sessions.add(session);
        return session;
    }

    /** Opens a connection for each use, so that threads can share it. */
    public DataSource dataSource() {
        return new DriverManagerDataSource(url(), username(), password());
    }

    public JdbcClient client() {
        return JdbcClient.create(connect());
    }

    @Override
    public void close() {
        sessions.forEach(SingleConnectionDataSource::destroy);
        onServer("drop database " + name + " with (force)");
    }

    private void onServer(String sql) {
        try (SingleConnectionDataSource connection =
                new SingleConnectionDataSource(server.getJdbcUrl(), username(), password(), true)) {
            JdbcClient.create(connection).sql(sql).update();
        }
    }

    private String url() {
        return server.getJdbcUrl().replaceFirst("/[^/?]*(\\?.*)?$", "/" + name + "$1");
    }

    private String username() {
        return String.valueOf(server.getUsername());
    }

    private String password() {
        return String.valueOf(server.getPassword());
    }
}
