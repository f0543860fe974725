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
 * Takes back, when they run short, the connections and threads of those who keep the service waiting: for the next
 * request, for the rest of one, or to take an answer. Tomcat itself stops accepting at its limit, health checks as well,
 * and its time-outs start anew with each byte, so that a client who sends or takes one now and then is never timed out.
 * Below the limits this does nothing.
 */
final class OverloadProtectingEndpoint extends NioEndpoint {

    private static final long LONGEST_PAUSE = 250; // ms that a connection may idle while others want one
    private static final long LONGEST_HOLD = 500; // ms that a thread may wait for its client while others want one
    private static final long BETWEEN_LOOKS = 200; // ms
    private static final long BETWEEN_SEARCHES = 20; // ms, as each goes through all connections

    private int most;
    private long searched;
    /** Since when, in ms, a request has been waiting for its client, to within a look. */
    private volatile Map<SocketChannel, Long> waiting = Map.of();

    private @Nullable ScheduledFuture<?> watch;

    OverloadProtectingEndpoint() {
        setMaxConnections(getMaxConnections());
    }

    /** Ours instead of Tomcat's, at which it would stop accepting. */
    @Override
    public void setMaxConnections(int most) {
        this.most = most;
        super.setMaxConnections(-1);
    }

    @Override
    public void startInternal() throws Exception {
        super.startInternal();
        watch = getUtilityExecutor()
                .scheduleWithFixedDelay(this::look, BETWEEN_LOOKS, BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void stopInternal() {
        if (watch != null) {
            watch.cancel(false);
        }
        super.stopInternal();
    }

    /** Called by the one thread that accepts. */
    @Override
    protected boolean setSocketOptions(SocketChannel socket) {
        if (connections.size() >= most) {
            makeRoom(System.currentTimeMillis());
        }
        if (connections.size() < most) {
            return super.setSocketOptions(socket);
        }
        destroySocket(socket);
        return false;
    }

    private void makeRoom(long now) {
        if (now - searched < BETWEEN_SEARCHES) {
            return;
        }
        searched = now;
        record Idle(SocketWrapperBase<NioChannel> connection, long since) {}
        connections.entrySet().stream()
                .filter(entry -> isWaitedFor(entry.getValue()) && !isHeld(entry.getValue()))
                .map(entry ->
                        new Idle(entry.getValue(), waiting.getOrDefault(entry.getKey(), lastRead(entry.getValue()))))
                .filter(idle -> now - idle.since() > LONGEST_PAUSE)
                .sorted(Comparator.comparingLong(Idle::since))
                .limit(Math.max(1, most / 8))
                .toList()
                .forEach(idle -> turnOut(idle.connection()));
    }

    /** As Tomcat does it after a time-out, in the middle of nobody's work. */
    private void turnOut(SocketWrapperBase<NioChannel> connection) {
        if (connection.getLock().tryLock()) {
            try {
                if (isWaitedFor(connection)) {
                    connection.setError(new SocketTimeoutException());
                    processSocket(connection, SocketEvent.ERROR, false);
                }
            } finally {
                connection.getLock().unlock();
            }
        }
    }

    private void look() {
        long now = System.currentTimeMillis();
        Map<SocketChannel, Long> still = new HashMap<>();
        connections.forEach((socket, connection) -> {
            if (isWaitedFor(connection) && (isHeld(connection) || connection.getCurrentProcessor() != null)) {
                still.put(socket, waiting.getOrDefault(socket, now));
            }
        });
        waiting = still;
        if (getCurrentThreadsBusy() > getMaxThreads() * 7 / 8) {
            freeThreads(now);
        }
    }

    /** Unless most of them are at work. */
    private void freeThreads(long now) {
        List<SocketChannel> holders = connections.entrySet().stream()
                .filter(entry -> isWaitedFor(entry.getValue()) && isHeld(entry.getValue()))
                .map(Map.Entry::getKey)
                .filter(socket -> now - waiting.getOrDefault(socket, now) > LONGEST_HOLD)
                .toList();
        if (holders.size() > getMaxThreads() / 2) {
            holders.forEach(OverloadProtectingEndpoint::hangUp);
        }
    }

    /** To the thread that waits it is as if the client had. */
    private static void hangUp(SocketChannel socket) {
        try {
            socket.shutdownInput();
            socket.shutdownOutput();
        } catch (IOException e) {
            // gone already
        }
    }

    /** To send or to take something. */
    private static boolean isWaitedFor(SocketWrapperBase<NioChannel> connection) {
        return ((NioSocketWrapper) connection).interestOps() != 0;
    }

    /** By a thread, which waits for the client where that {@linkplain #isWaitedFor is waited for}. */
    private static boolean isHeld(SocketWrapperBase<NioChannel> connection) {
        return connection.getLock().isLocked();
    }

    private static long lastRead(SocketWrapperBase<NioChannel> connection) {
        return ((NioSocketWrapper) connection).getLastRead();
    }
}
