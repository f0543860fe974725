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
 * Refuses connections at once while the database does not answer. Only the first request waits for the timeout of the
 * pool. If every request waited that long, all request threads would be blocked, and even the liveness probe would fail.
 */
final class CircuitBreaker extends DelegatingDataSource {

    private static final Logger log = LoggerFactory.getLogger(CircuitBreaker.class);
    private static final int PROBE_TIMEOUT_SECONDS = 1;

    private final HikariDataSource pool;
    private final AtomicBoolean open = new AtomicBoolean();

    CircuitBreaker(HikariDataSource pool) {
        super(pool);
        this.pool = pool;
        pool.setExceptionOverride(new TimeoutListener());
    }

    @Override
    public Connection getConnection() throws SQLException {
        if (open.get()) {
            throw new SQLTransientConnectionException("The database did not answer a moment ago");
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

    /** Whether all connections are in use, because of load or locks. That is not an outage of the database. */
    private boolean isExhausted() {
        HikariPoolMXBean statistics = pool.getHikariPoolMXBean();
        return statistics != null && statistics.getActiveConnections() >= pool.getMaximumPoolSize();
    }

    private void open() {
        if (open.compareAndSet(false, true)) {
            log.warn("The database does not answer. Requests that need it answer 503 until it answers again.");
            Thread probe = new Thread(this::probe, "database-probe");
            probe.setDaemon(true);
            probe.start();
        }
    }

    /** Needs no pause between attempts, because the pool waits in each of them. */
    private void probe() {
        while (open.get() && !pool.isClosed()) {
            try (Connection connection = pool.getConnection()) {
                if (connection.isValid(PROBE_TIMEOUT_SECONDS)) {
                    log.info("The database answers again");
                    open.set(false);
                }
            } catch (SQLException e) {
                log.debug("The database still does not answer", e);
            }
        }
    }

    /** Opens the breaker when a statement got no answer. HikariCP calls this for every SQLException. */
    private final class TimeoutListener implements SQLExceptionOverride {

        @java.lang.Override // the interface has a nested type Override
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
