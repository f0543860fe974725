package dev.usersapi.replica;

import io.micrometer.core.instrument.Counter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** A standby of the primary, which answers what can as well be read there. There is no such bean unless it is configured. */
public class Replica implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Replica.class);
    private static final String CANCELLED = "57014";

    private final Lease lease;
    private final ReplicaWatch watch;
    private final Counter answered;
    private final DataSource connections = new BorrowedConnections();

    Replica(Lease lease, ReplicaWatch watch, Counter answered) {
        this.lease = lease;
        this.watch = watch;
        this.answered = answered;
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        watch.start();
    }

    /** For use within {@link #read} only. No bean: it is nobody else's database. */
    public DataSource connections() {
        return connections;
    }

    /**
     * Answers from the replica, where it shows every change that was acknowledged before this call, and else from the
     * primary; also when the replica fails. For reads that lead to no change, outside of any transaction.
     *
     * @param fromReplica one statement on {@link #connections()}
     * @throws DataAccessException what the primary throws; or that a statement was given up on the replica at the end of
     *     the time that it may take, which the primary is not to be burdened with too
     */
    public <T> T read(Supplier<T> fromReplica, Supplier<T> fromPrimary) {
        ReplicaSession session = watch.session(); // first: its connections are older than the lease
        if (session == null || !lease.isHeld()) {
            return fromPrimary.get();
        }
        Connection connection = session.take();
        if (connection == null) {
            return fromPrimary.get();
        }
        TransactionSynchronizationManager.bindResource(connections, new ConnectionHolder(connection));
        try {
            T answer = fromReplica.get();
            answered.increment();
            return answer;
        } catch (DataAccessException e) {
            if (e.getCause() instanceof SQLException cause && CANCELLED.equals(cause.getSQLState())) {
                throw e;
            }
            log.debug("The primary answers in the replica's place", e);
        } finally {
            TransactionSynchronizationManager.unbindResource(connections);
            session.giveBack(connection);
        }
        return fromPrimary.get();
    }

    boolean isServing() {
        return lease.isHeld();
    }

    @Override
    public void close() {
        watch.close();
    }

    /** Spring finds the connection that {@link #read} bound to the thread, and leaves it open. */
    private static final class BorrowedConnections extends AbstractDataSource {

        @Override
        public Connection getConnection() throws SQLException {
            throw new SQLTransientConnectionException("no connection was taken");
        }

        @Override
        public Connection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
            return getConnection();
        }
    }
}
