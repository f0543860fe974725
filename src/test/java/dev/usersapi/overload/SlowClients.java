package dev.usersapi.overload;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Clients that never finish their requests, and reconnect when the service closes their connections. */
final class SlowClients implements AutoCloseable {

    private static final int INTERVAL_MILLIS = 100;
    private static final int SMALL_WINDOW = 4096;

    private final int port;
    private final IntFunction<String> opening;
    private final ByteBuffer repeated;
    private final ByteBuffer readBuffer;
    private final @Nullable SocketChannel[] clients;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Future<?> schedule;
    private int opened;

    /**
     * Connects all clients and sends their first bytes.
     *
     * @param opening what a client sends first, by its number
     * @param repeated what each client sends every {@value #INTERVAL_MILLIS} ms
     * @param readSize how many bytes each client reads every {@value #INTERVAL_MILLIS} ms
     */
    SlowClients(int port, int clients, IntFunction<String> opening, String repeated, int readSize) {
        this.port = port;
        this.opening = opening;
        this.repeated = StandardCharsets.US_ASCII.encode(repeated);
        this.readBuffer = ByteBuffer.allocate(readSize);
        this.clients = new SocketChannel[clients];
        continueAll();
        schedule = thread.scheduleWithFixedDelay(
                this::continueAll, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private synchronized void continueAll() {
        for (int i = 0; i < clients.length && !Thread.currentThread().isInterrupted(); i++) {
            SocketChannel client = clients[i];
            try {
                if (client == null) {
                    clients[i] = open();
                } else if (client.write(repeated.rewind()) < 0 || client.read(readBuffer.clear()) < 0) {
                    throw new IOException("closed by the service");
                }
            } catch (IOException e) {
                clients[i] = close(client);
            }
        }
    }

    private SocketChannel open() throws IOException {
        SocketChannel client = SocketChannel.open();
        client.socket().setReceiveBufferSize(SMALL_WINDOW);
        client.socket().connect(new InetSocketAddress("localhost", port), 1000);
        client.configureBlocking(false);
        client.write(StandardCharsets.ISO_8859_1.encode(opening.apply(opened++)));
        return client;
    }

    private static @Nullable SocketChannel close(@Nullable SocketChannel client) {
        try {
            if (client != null) {
                client.close();
            }
        } catch (IOException e) {
            // closed anyway
        }
        return null;
    }

    /** The number of connections opened so far. */
    synchronized int opened() {
        return opened;
    }

    @Override
    public void close() {
        schedule.cancel(true);
        thread.shutdown();
        synchronized (this) {
            for (SocketChannel client : clients) {
                close(client);
            }
        }
    }
}
