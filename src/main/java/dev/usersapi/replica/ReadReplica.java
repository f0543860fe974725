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

/** Reads from a standby of the primary. The bean exists only if {@code USERS_REPLICA_URL} is set. */
public class ReadReplica implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ReadReplica.class);
    private static final String QUERY_CANCELED = "57014";

    private final ReplicaLease lease;
    private final ReplicaMonitor monitor;
    private final Counter reads;
    private final DataSource dataSource = new BoundConnection();

    ReadReplica(ReplicaLease lease, ReplicaMonitor monitor, Counter reads) {
        this.lease = lease;
        this.monitor = monitor;
        this.reads = reads;
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        monitor.start();
    }

    /** Has a connection only within {@link #read}. It is not a bean, so that Spring Boot does not take it for the primary. */
    public DataSource dataSource() {
        return dataSource;
    }

    /**
     * Reads from the replica if it shows every change that was answered before this call, and from the primary otherwise
     * or if the replica fails. Use it outside transactions, and not for reads on which a change depends.
     *
     * @param fromReplica executes one statement on {@link #dataSource()}
     * @throws DataAccessException if the primary fails, or if the statement reached its timeout on the replica, because
     *     it would take as long on the primary
     */
    public <T> T read(Supplier<T> fromReplica, Supplier<T> fromPrimary) {
        ReplicaConnections connections = monitor.connections(); // before the lease; see ReplicaMonitor
        if (connections == null || !lease.isValid()) {
            return fromPrimary.get();
        }
        Connection connection = connections.borrow();
        if (connection == null) {
            return fromPrimary.get();
        }
        TransactionSynchronizationManager.bindResource(dataSource, new ConnectionHolder(connection));
        try {
            T answer = fromReplica.get();
            reads.increment();
            return answer;
        } catch (DataAccessException e) {
            if (e.getCause() instanceof SQLException cause && QUERY_CANCELED.equals(cause.getSQLState())) {
                throw e;
            }
            log.debug("The replica failed, and the primary answers instead", e);
        } finally {
            TransactionSynchronizationManager.unbindResource(dataSource);
            connections.giveBack(connection);
        }
        return fromPrimary.get();
    }

    boolean isInUse() {
        return lease.isValid();
    }

    @Override
    public void close() {
        monitor.close();
    }

    /** Spring uses the connection that {@link #read} has bound to the thread, and does not close it. */
    private static final class BoundConnection extends AbstractDataSource {

        @Override
        public Connection getConnection() throws SQLException {
            throw new SQLTransientConnectionException("no connection is bound to this thread");
        }

        @Override
        public Connection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
            return getConnection();
        }
    }
}
