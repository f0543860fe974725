package dev.usersapi.overload;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * A Tomcat endpoint that closes the connections of slow clients when connections or request threads run short. Below the
 * limits it closes none.
 *
 * <p>Tomcat alone stops accepting connections at its limit, those of health checks included. Its time-outs start anew with
 * each packet, so they never end for a client that sends or reads a byte now and then. This endpoint always accepts. At the
 * connection limit it closes the connections that have waited longest for their client. When the request threads run
 * short, it closes the connections of those threads that wait for their client.
 */
final class OverloadProtectingEndpoint extends NioEndpoint {

    private static final long MAX_IDLE_MILLIS = 250; // of a connection, at the connection limit
    private static final long MAX_BLOCKED_MILLIS = 500; // of a thread that waits for its client, when threads run short
    private static final long CHECK_INTERVAL_MILLIS = 200;
    private static final long MIN_SEARCH_INTERVAL_MILLIS = 20; // because a search visits all connections

    private int maxConnections;
    private long lastSearch;

    /** For each unfinished request, the time in ms since which it waits for its client. At most one check interval too late. */
    private volatile Map<SocketChannel, Long> waitingSince = Map.of();

    private @Nullable ScheduledFuture<?> check;

    OverloadProtectingEndpoint() {
        setMaxConnections(getMaxConnections());
    }

    /** Keeps the limit in this class, and switches off the limit of Tomcat, at which it would stop accepting. */
    @Override
    public void setMaxConnections(int maxConnections) {
        this.maxConnections = maxConnections;
        super.setMaxConnections(-1);
    }

    @Override
    public void startInternal() throws Exception {
        super.startInternal();
        check = getUtilityExecutor()
                .scheduleWithFixedDelay(
                        this::checkConnections, CHECK_INTERVAL_MILLIS, CHECK_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void stopInternal() {
        if (check != null) {
            check.cancel(false);
        }
        super.stopInternal();
    }

    /** Takes over an accepted connection. Only Tomcat's acceptor thread calls this method. */
    @Override
    protected boolean setSocketOptions(SocketChannel socket) {
        if (connections.size() >= maxConnections) {
            closeIdleConnections(System.currentTimeMillis());
        }
        if (connections.size() < maxConnections) {
            return super.setSocketOptions(socket);
        }
        destroySocket(socket);
        return false;
    }

    private void closeIdleConnections(long now) {
        if (now - lastSearch < MIN_SEARCH_INTERVAL_MILLIS) {
            return;
        }
        lastSearch = now;
        int maxClosedAtOnce = Math.max(1, maxConnections / 8);
        record Idle(SocketWrapperBase<NioChannel> connection, long since) {}
        connections.entrySet().stream()
                .filter(entry -> isWaitingForClient(entry.getValue()) && !hasThread(entry.getValue()))
                .map(entry -> new Idle(
                        entry.getValue(), waitingSince.getOrDefault(entry.getKey(), lastRead(entry.getValue()))))
                .filter(idle -> now - idle.since() > MAX_IDLE_MILLIS)
                .sorted(Comparator.comparingLong(Idle::since))
                .limit(maxClosedAtOnce)
                .toList()
                .forEach(idle -> close(idle.connection()));
    }

    /** Closes the connection as Tomcat does after a time-out, unless a thread works on it now. */
    private void close(SocketWrapperBase<NioChannel> connection) {
        if (connection.getLock().tryLock()) {
            try {
                if (isWaitingForClient(connection)) {
                    connection.setError(new SocketTimeoutException());
                    processSocket(connection, SocketEvent.ERROR, false);
                }
            } finally {
                connection.getLock().unlock();
            }
        }
    }

    private void checkConnections() {
        long now = System.currentTimeMillis();
        Map<SocketChannel, Long> waiting = new HashMap<>();
        connections.forEach((socket, connection) -> {
            boolean hasRequest = hasThread(connection) || connection.getCurrentProcessor() != null;
            if (isWaitingForClient(connection) && hasRequest) {
                waiting.put(socket, waitingSince.getOrDefault(socket, now));
            }
        });
        waitingSince = waiting;
        boolean threadsRunShort = getCurrentThreadsBusy() > getMaxThreads() * 7 / 8;
        if (threadsRunShort) {
            freeBlockedThreads(now);
        }
    }

    /** Disconnects slow clients, but only if more than half of all request threads wait for one. */
    private void freeBlockedThreads(long now) {
        List<SocketChannel> blocked = connections.entrySet().stream()
                .filter(entry -> isWaitingForClient(entry.getValue()) && hasThread(entry.getValue()))
                .map(Map.Entry::getKey)
                .filter(socket -> now - waitingSince.getOrDefault(socket, now) > MAX_BLOCKED_MILLIS)
                .toList();
        if (blocked.size() > getMaxThreads() / 2) {
            blocked.forEach(OverloadProtectingEndpoint::shutDown);
        }
    }

    /** To the waiting thread, this looks as if the client had closed the connection. */
    private static void shutDown(SocketChannel socket) {
        try {
            socket.shutdownInput();
            socket.shutdownOutput();
        } catch (IOException e) {
            // already closed
        }
    }

    /** Whether the next step is the client's: to send something, or to read what was sent. */
    private static boolean isWaitingForClient(SocketWrapperBase<NioChannel> connection) {
        return ((NioSocketWrapper) connection).interestOps() != 0;
    }

    /** Whether a request thread works on the connection, or waits for its client. */
    private static boolean hasThread(SocketWrapperBase<NioChannel> connection) {
        return connection.getLock().isLocked();
    }

    private static long lastRead(SocketWrapperBase<NioChannel> connection) {
        return ((NioSocketWrapper) connection).getLastRead();
    }
}
