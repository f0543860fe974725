package dev.usersapi.support;

import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A transaction of somebody else that stays open until the test lets it end, so that requests come to wait for it. */
public final class HeldTransaction implements AutoCloseable {

    private final SingleConnectionDataSource connection;
    private final JdbcClient client;

    public HeldTransaction(JdbcConnectionDetails server) throws SQLException {
        connection = new SingleConnectionDataSource(
                server.getJdbcUrl(), String.valueOf(server.getUsername()), String.valueOf(server.getPassword()), true);
        connection.getConnection().setAutoCommit(false);
        client = JdbcClient.create(connection);
    }

    public HeldTransaction run(String sql, Object... parameters) {
        client.sql(sql).params(parameters).update();
        return this;
    }

    /** Commits as soon as a request waits for what this transaction holds. */
    public void commitOnceWaitedFor() throws SQLException {
        awaitWaiting();
        connection.getConnection().commit();
    }

    /** Waits until a request waits for what this transaction holds. */
    public void awaitWaiting() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(this::isWaitedFor);
    }

    public boolean isWaitedFor() {
        return client.sql("select exists (select from pg_locks"
                        + " where not granted and pg_backend_pid() = any (pg_blocking_pids(pid)))")
                .query(Boolean.class)
                .single();
    }

    /** Ends the sessions that wait for what this transaction holds, as a crash would. */
    public void terminateWaiting() {
        awaitWaiting();
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
