package dev.usersapi.replica;

import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.dao.DataAccessException;

/** Renews the lease for as long as the replica keeps up with its primary, and looks for it while it is away. */
final class ReplicaWatch implements Runnable, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ReplicaWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(1); // between two attempts
    private static final Pattern AWAY = Pattern.compile("(08|53|57P).*"); // classes of SQLSTATEs
    private static final String SERVES = "serves";
    private static final long LONGEST_POLL_MILLIS = 16;
    private static final Duration WORTH_TELLING = Duration.ofSeconds(5); // of being behind, which may come and go

    private final JdbcConnectionDetails primary;
    private final ReplicaProperties replica;
    private final Lease lease;
    private final Thread thread = new Thread(this, "replica-watch");
    private volatile @Nullable ReplicaSession session;
    private volatile boolean closed;
    private String told = ""; // what the log has last told of

    ReplicaWatch(JdbcConnectionDetails primary, ReplicaProperties replica, Lease lease) {
        this.primary = primary;
        this.replica = replica;
        this.lease = lease;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Null while there is none. A lease that is held after this was asked is one of this session or a later one. */
    @Nullable
    ReplicaSession session() {
        return session;
    }

    @Override
    public void run() {
        try {
            while (!closed) {
                try (ReplicaSession opened = new ReplicaSession(primary, replica.url())) {
                    session = opened;
                    follow(opened);
                } catch (SQLException | DataAccessException e) {
                    tell(e);
                }
                session = null;
                lease.end(); // before there is another session
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (InterruptedException e) {
            lease.end();
        }
    }

    private void follow(ReplicaSession session) throws SQLException, InterruptedException {
        long kept = lease.now();
        while (!session.isBroken()) {
            long asOf = lease.now();
            if (isShownInTime(session, session.committed(), asOf)) {
                lease.renew(asOf);
                kept = asOf;
                tellOfService();
                lease.awaitDemand();
            } else if (lease.now() - kept > WORTH_TELLING.toNanos()) {
                tell("it is behind", "it is behind");
            }
        }
        throw new SQLException("a connection broke", "08006");
    }

    private boolean isShownInTime(ReplicaSession session, String place, long asOf) throws InterruptedException {
        for (long pause = 1; lease.hasTimeLeft(asOf); pause = Math.min(2 * pause, LONGEST_POLL_MILLIS)) {
            if (session.hasReplayed(place)) {
                return true;
            }
            Thread.sleep(pause);
        }
        return false;
    }

    private void tellOfService() {
        if (!told.equals(SERVES)) {
            told = SERVES;
            log.info("Reads go to the replica at {}", replica.shown());
        }
    }

    private void tell(Exception failure) {
        Throwable cause = failure;
        while (!(cause instanceof SQLException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String reason = String.valueOf(cause.getMessage()).replaceAll("\\s+", " ");
        boolean away = cause instanceof SQLException sql
                && AWAY.matcher(String.valueOf(sql.getSQLState())).matches();
        tell(away ? "away" : reason, reason);
    }

    /** Once of each kind of reason, until the replica serves again: in an outage they alternate from attempt to attempt. */
    private void tell(String kind, String reason) {
        if (!told.equals(kind) && !closed) {
            told = kind;
            log.warn(
                    "The replica at {} does not serve ({}). Reads go to the primary until it does, and the answer to each"
                            + " change waits for {} ms.",
                    replica.shown(),
                    reason,
                    Lease.HELD.toMillis());
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        ReplicaSession open = session;
        if (open != null) {
            open.close();
        }
    }
}
