package dev.usersapi.database;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.stereotype.Component;

/**
 * Refuses connections at once while the database does not answer. Whoever finds out first has waited for as long as the
 * pool lets them; were everybody to, all threads of the server would soon be waiting, and not even liveness be answered.
 */
final class CircuitBreaker extends DelegatingDataSource {

    private static final Logger log = LoggerFactory.getLogger(CircuitBreaker.class);
    private static final int PATIENCE_SECONDS = 1;

    private final HikariDataSource pool;
    private final AtomicBoolean open = new AtomicBoolean();

    CircuitBreaker(HikariDataSource pool) {
        super(pool);
        this.pool = pool;
        pool.setExceptionOverride(new TimeOuts());
    }

    @Override
    public Connection getConnection() throws SQLException {
        if (open.get()) {
            throw new SQLTransientConnectionException("did not answer a moment ago");
        }
        try {
            return super.getConnection();
        } catch (SQLTransientConnectionException e) {
            if (!isExhausted()) {
                open();
            }
            throw e;
        }
    }

    /** Others hold all connections, which is their load or a lock; were the database gone, they would be told. */
    private boolean isExhausted() {
        HikariPoolMXBean state = pool.getHikariPoolMXBean();
        return state != null && state.getActiveConnections() >= pool.getMaximumPoolSize();
    }

    private void open() {
        if (open.compareAndSet(false, true)) {
            log.warn("The database does not answer: requests that need it are refused until it does");
            Thread probe = new Thread(this::probe, "database-probe");
            probe.setDaemon(true);
            probe.start();
        }
    }

    /** The pool paces this: it lets each attempt wait. */
    private void probe() {
        while (open.get() && !pool.isClosed()) {
            try (Connection connection = pool.getConnection()) {
                if (connection.isValid(PATIENCE_SECONDS)) {
                    log.info("The database answers again");
                    open.set(false);
                }
            } catch (SQLException e) {
                log.debug("The database still does not answer", e);
            }
        }
    }

    /** Asked by the pool of each failure: a statement without an answer tells that others need not try. */
    private final class TimeOuts implements SQLExceptionOverride {

        @java.lang.Override // the interface has an Override of its own
        public SQLExceptionOverride.Override adjudicate(SQLException failure) {
            if (failure.getCause() instanceof SocketTimeoutException) {
                open();
            }
            return SQLExceptionOverride.Override.CONTINUE_EVICT;
        }
    }

    @Component
    static class Installer implements BeanPostProcessor {

        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
            return bean instanceof HikariDataSource pool ? new CircuitBreaker(pool) : bean;
        }
    }
}
