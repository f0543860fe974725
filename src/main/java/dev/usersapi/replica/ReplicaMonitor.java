package dev.usersapi.replica;

import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.dao.DataAccessException;

/** Renews the lease while the replica keeps up with the primary, and reconnects when the replica or a connection fails. */
final class ReplicaMonitor implements Runnable, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ReplicaMonitor.class);
    private static final Duration RECONNECT_DELAY = Duration.ofSeconds(1);
    private static final Pattern UNAVAILABLE = Pattern.compile("(08|53|57P).*"); // SQLSTATEs
    private static final String IN_USE = "in use";
    private static final long MAX_POLL_INTERVAL_MILLIS = 16;
    private static final Duration LOGGED_LAG = Duration.ofSeconds(5); // shorter lags are not logged

    private final JdbcConnectionDetails primaryDetails;
    private final ReplicaProperties replicaProperties;
    private final ReplicaLease lease;
    private final Thread thread = new Thread(this, "replica-monitor");
    private volatile @Nullable ReplicaConnections connections;
    private volatile boolean closed;
    private String lastLogged = "";

    ReplicaMonitor(JdbcConnectionDetails primaryDetails, ReplicaProperties replicaProperties, ReplicaLease lease) {
        this.primaryDetails = primaryDetails;
        this.replicaProperties = replicaProperties;
        this.lease = lease;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /**
     * Null while the replica is not connected. Call this before {@link ReplicaLease#isValid()}: a lease that is valid
     * afterwards was then checked on these connections or on later ones.
     */
    @Nullable
    ReplicaConnections connections() {
        return connections;
    }

    @Override
    public void run() {
        try {
            while (!closed) {
                try (ReplicaConnections opened = new ReplicaConnections(primaryDetails, replicaProperties.url())) {
                    connections = opened;
                    renewLease(opened);
                } catch (SQLException | DataAccessException e) {
                    logFailure(e);
                }
                connections = null;
                lease.end(); // before new connections are opened
                Thread.sleep(RECONNECT_DELAY.toMillis());
            }
        } catch (InterruptedException e) {
            lease.end();
        }
    }

    private void renewLease(ReplicaConnections opened) throws SQLException, InterruptedException {
        long lastRenewal = lease.now();
        while (!opened.isBroken()) {
            long start = lease.now();
            if (replaysInTime(opened, opened.committedLsn(), start)) {
                lease.renew(start);
                lastRenewal = start;
                logInUse();
                lease.awaitRenewal();
            } else if (lease.now() - lastRenewal > LOGGED_LAG.toNanos()) {
                logNotInUse("lag", "it lags behind the primary");
            }
        }
        throw new SQLException("a connection broke", "08006");
    }

    private boolean replaysInTime(ReplicaConnections opened, String lsn, long start) throws InterruptedException {
        for (long interval = 1;
                lease.wouldBeValid(start);
                interval = Math.min(2 * interval, MAX_POLL_INTERVAL_MILLIS)) {
            if (opened.hasReplayed(lsn)) {
                return true;
            }
            Thread.sleep(interval);
        }
        return false;
    }

    private void logInUse() {
        if (!lastLogged.equals(IN_USE)) {
            lastLogged = IN_USE;
            log.info("Reads go to the read replica at {}", replicaProperties.urlWithoutParameters());
        }
    }

    private void logFailure(Exception failure) {
        Throwable cause = failure;
        while (!(cause instanceof SQLException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String reason = String.valueOf(cause.getMessage()).replaceAll("\\s+", " ");
        boolean unavailable = cause instanceof SQLException sql
                && UNAVAILABLE.matcher(String.valueOf(sql.getSQLState())).matches();
        logNotInUse(unavailable ? "unavailable" : reason, reason);
    }

    /** Logs a reason only if its kind differs from the last one, because messages vary between attempts during an outage. */
    private void logNotInUse(String kind, String reason) {
        if (!lastLogged.equals(kind) && !closed) {
            lastLogged = kind;
            log.warn(
                    "The read replica at {} is not used ({}). Until it is used again, reads go to the primary, and the"
                            + " answer to each change waits {} ms.",
                    replicaProperties.urlWithoutParameters(),
                    reason,
                    ReplicaLease.MAX_ANSWER_DELAY.toMillis());
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        ReplicaConnections open = connections;
        if (open != null) {
            open.close();
        }
    }
}
