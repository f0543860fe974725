package dev.usersapi.replica;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Connections to the replica and one to the primary, which are opened together and closed together when one of them
 * breaks. After a crash, a standby may accept connections while it still shows an older state than before the crash. So a
 * check on one connection proves something only for connections that were opened earlier than the check.
 */
final class ReplicaConnections implements AutoCloseable {

    private static final int READ_CONNECTIONS = 8;
    private static final int CONNECT_TIMEOUT_SECONDS = 2;
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(4); // as socketTimeout in application.yaml
    private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(1);

    /**
     * PostgreSQL flushes a commit record before it acknowledges the commit. With synchronous_commit off, it may acknowledge
     * before the flush; then the insert position is used.
     */
    private static final String COMMITTED = """
            select case current_setting('synchronous_commit') when 'off' then pg_current_wal_insert_lsn()
                else pg_current_wal_flush_lsn() end::text as lsn,
                system_identifier || ' ' || current_database() || ' '
                    || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as origin
            from pg_control_system()""";

    private static final String REPLAYED = "select pg_is_in_recovery(), pg_last_wal_replay_lsn() >= cast(? as pg_lsn)";

    /** After a switch of timelines the standby shows the new timeline only from its next restart point on. */
    private static final String STANDBY_ORIGIN = """
            select system_identifier || ' ' || current_database() || ' ' || lpad(upper(to_hex(timeline_id)), 8, '0')
            from pg_control_system(), pg_control_checkpoint()""";

    private static final String SERVER_START = "select pg_postmaster_start_time()::text";

    private record Committed(String lsn, String origin) {}

    private final List<Connection> connections = new ArrayList<>();
    private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();
    private final JdbcClient primary;
    private final JdbcClient replica;
    private final String origin;
    private volatile boolean broken;

    /** @throws SQLException if a connection cannot be opened, or if the connections reach different servers */
    ReplicaConnections(JdbcConnectionDetails database, String replicaUrl) throws SQLException {
        try {
            primary = client(connect(database, database.getJdbcUrl()), CHECK_TIMEOUT);
            Connection first = connect(database, replicaUrl);
            replica = client(first, CHECK_TIMEOUT);
            origin = queryText(replica, STANDBY_ORIGIN);
            String server = queryText(replica, SERVER_START);
            for (int n = 0; n < READ_CONNECTIONS; n++) {
                Connection reader = connect(database, replicaUrl);
                if (!queryText(client(reader, READ_TIMEOUT), SERVER_START).equals(server)) {
                    throw new SQLException("the URL leads to several servers");
                }
                idle.add(reader);
            }
        } catch (SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private Connection connect(JdbcConnectionDetails database, String url) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", String.valueOf(database.getUsername()));
        properties.setProperty("password", String.valueOf(database.getPassword()));
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
        properties.setProperty("socketTimeout", Long.toString(READ_TIMEOUT.toSeconds()));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("logServerErrorDetail", "false"); // it contains values of rows
        Connection connection = DriverManager.getConnection(url, properties);
        connections.add(connection);
        return connection;
    }

    private static JdbcClient client(Connection connection, Duration timeout) throws SQLException {
        setTimeout(connection, timeout);
        return JdbcClient.create(new SingleConnectionDataSource(connection, true));
    }

    private static void setTimeout(Connection connection, Duration timeout) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(timeout.toMillis()));
    }

    private static String queryText(JdbcClient client, String sql) {
        return client.sql(sql).query(String.class).single();
    }

    /**
     * The position in the write-ahead log (LSN) up to which the log contains everything that is committed now.
     *
     * @throws SQLException if the replica is not a standby of this primary
     */
    String committedLsn() throws SQLException {
        Committed now = primary.sql(COMMITTED).query(Committed.class).single();
        if (!now.origin().equals(origin)) {
            throw new SQLException(
                    "the replica is not a standby of this primary: it has %s, the primary has %s (cluster, database, timeline)"
                            .formatted(origin, now.origin()));
        }
        return now.lsn();
    }

    boolean hasReplayed(String lsn) {
        return replica.sql(REPLAYED)
                .param(lsn)
                .query((row, number) -> {
                    if (!row.getBoolean(1)) {
                        throw new SQLException("the replica is not a standby: it accepts writes");
                    }
                    return row.getBoolean(2);
                })
                .single();
    }

    /** Null if all connections are in use. */
    @Nullable
    Connection borrow() {
        return idle.poll();
    }

    void giveBack(Connection connection) {
        try {
            if (!connection.isClosed()) {
                setTimeout(connection, READ_TIMEOUT);
                idle.add(connection);
                return;
            }
        } catch (SQLException e) {
            // the connection is broken
        }
        broken = true;
    }

    boolean isBroken() {
        return broken;
    }

    /** Aborts the connections, so that a thread that waits for an answer gets an exception at once. */
    @Override
    public void close() {
        for (Connection connection : connections) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                // the connection is closed already
            }
        }
    }
}
