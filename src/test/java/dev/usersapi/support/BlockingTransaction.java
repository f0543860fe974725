package dev.usersapi.support;

import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A transaction of another session that stays open, so that requests block on its locks until the test ends it. */
public final class BlockingTransaction implements AutoCloseable {

    private final SingleConnectionDataSource connection;
    private final JdbcClient client;

    public BlockingTransaction(JdbcConnectionDetails server) throws SQLException {
        connection = new SingleConnectionDataSource(
                server.getJdbcUrl(), String.valueOf(server.getUsername()), String.valueOf(server.getPassword()), true);
        connection.getConnection().setAutoCommit(false);
        client = JdbcClient.create(connection);
    }

    public BlockingTransaction run(String sql, Object... parameters) {
        client.sql(sql).params(parameters).update();
        return this;
    }

    /** Commits as soon as another session waits for a lock of this transaction. */
    public void commitOnceBlocking() throws SQLException {
        awaitBlockedSession();
        connection.getConnection().commit();
    }

    public void awaitBlockedSession() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(this::isBlocking);
    }

    public boolean isBlocking() {
        return client.sql("select exists (select from pg_locks"
                        + " where not granted and pg_backend_pid() = any (pg_blocking_pids(pid)))")
                .query(Boolean.class)
                .single();
    }

    /** Terminates the sessions that wait for a lock of this transaction, so that they lose their connections. */
    public void terminateBlockedSessions() {
        awaitBlockedSession();
        client.sql("select pg_terminate_backend(pid) from pg_locks"
                        + " where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))")
                .query(Boolean.class)
                .list();
    }

    @Override
    public void close() {
        connection.destroy();
    }
}
