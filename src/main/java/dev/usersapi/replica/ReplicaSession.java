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
 * Connections to the replica, and one to its primary, which are opened together before anything is asked and given up
 * together when one of them breaks. A standby that crashed may serve again before it has come as far as it was: what has
 * been found out on one connection holds for those which were open before, and for no later one.
 */
final class ReplicaSession implements AutoCloseable {

    private static final int READERS = 8;
    private static final int CONNECT_SECONDS = 2;
    private static final Duration READ_PATIENCE = Duration.ofSeconds(4); // as for the primary
    private static final Duration PATIENCE = Duration.ofSeconds(1); // of those who look after a lease

    /** Whatever is committed is flushed before it is acknowledged, or else inserted at least. */
    private static final String COMMITTED = """
            select case current_setting('synchronous_commit') when 'off' then pg_current_wal_insert_lsn()
                else pg_current_wal_flush_lsn() end::text as place,
                system_identifier || ' ' || current_database() || ' '
                    || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as history
            from pg_control_system()""";

    private static final String REPLAYED = "select pg_is_in_recovery(), pg_last_wal_replay_lsn() >= cast(? as pg_lsn)";

    /** After a change of timelines only from the next restart point on, but then it is certain. */
    private static final String FOLLOWED = """
            select system_identifier || ' ' || current_database() || ' ' || lpad(upper(to_hex(timeline_id)), 8, '0')
            from pg_control_system(), pg_control_checkpoint()""";

    private static final String SERVER = "select pg_postmaster_start_time()::text";

    private record Committed(String place, String history) {}

    private final List<Connection> connections = new ArrayList<>();
    private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();
    private final JdbcClient primary;
    private final JdbcClient replica;
    private final String history;
    private volatile boolean broken;

    /** Throws also when the replica is none of this primary. */
    ReplicaSession(JdbcConnectionDetails database, String replicaUrl) throws SQLException {
        try {
            primary = client(connect(database, database.getJdbcUrl()), PATIENCE);
            Connection first = connect(database, replicaUrl);
            replica = client(first, PATIENCE);
            history = one(replica, FOLLOWED);
            String server = one(replica, SERVER);
            for (int n = 0; n < READERS; n++) {
                Connection reader = connect(database, replicaUrl);
                if (!one(client(reader, READ_PATIENCE), SERVER).equals(server)) {
                    throw new SQLException("there are several servers at that address");
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
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
        properties.setProperty("socketTimeout", Long.toString(READ_PATIENCE.toSeconds()));
        properties.setProperty("tcpKeepAlive", "true");
        Connection connection = DriverManager.getConnection(url, properties);
        connections.add(connection);
        return connection;
    }

    private static JdbcClient client(Connection connection, Duration patience) throws SQLException {
        setPatience(connection, patience);
        return JdbcClient.create(new SingleConnectionDataSource(connection, true));
    }

    private static void setPatience(Connection connection, Duration patience) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(patience.toMillis()));
    }

    private static String one(JdbcClient client, String sql) {
        return client.sql(sql).query(String.class).single();
    }

    /** The place in the log up to which everything committed until now is. */
    String committed() throws SQLException {
        Committed now = primary.sql(COMMITTED).query(Committed.class).single();
        if (!now.history().equals(history)) {
            throw new SQLException(
                    "it is no copy of this primary: it has %s, the primary %s (cluster, database, timeline)"
                            .formatted(history, now.history()));
        }
        return now.place();
    }

    boolean hasReplayed(String place) {
        return replica.sql(REPLAYED)
                .param(place)
                .query((row, number) -> {
                    if (!row.getBoolean(1)) {
                        throw new SQLException("it is not a standby: it takes writes");
                    }
                    return row.getBoolean(2);
                })
                .single();
    }

    /** Null when all are taken. */
    @Nullable
    Connection take() {
        return idle.poll();
    }

    void giveBack(Connection connection) {
        try {
            if (!connection.isClosed()) {
                setPatience(connection, READ_PATIENCE);
                idle.add(connection);
                return;
            }
        } catch (SQLException e) {
            // it is of no more use
        }
        broken = true;
    }

    boolean isBroken() {
        return broken;
    }

    /** Whoever waits for an answer of the replica gets an exception at once. */
    @Override
    public void close() {
        for (Connection connection : connections) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                // it is gone already
            }
        }
    }
}
