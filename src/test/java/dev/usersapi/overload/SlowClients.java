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

/** Clients that never come to an end, and come again when they are turned out. */
final class SlowClients implements AutoCloseable {

    private static final int PAUSE_MILLIS = 100;
    private static final int SMALL_WINDOW = 4096;

    private final int port;
    private final IntFunction<String> opening;
    private final ByteBuffer drip;
    private final ByteBuffer sip;
    private final @Nullable SocketChannel[] clients;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Future<?> going;
    private int opened;

    /**
     * All have connected and begun when this returns.
     *
     * @param opening what each sends at once, by its number
     * @param drip what each sends again and again
     * @param sip how many bytes of the answers each takes again and again
     */
    SlowClients(int port, int clients, IntFunction<String> opening, String drip, int sip) {
        this.port = port;
        this.opening = opening;
        this.drip = StandardCharsets.US_ASCII.encode(drip);
        this.sip = ByteBuffer.allocate(sip);
        this.clients = new SocketChannel[clients];
        goOn();
        going = thread.scheduleWithFixedDelay(this::goOn, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private synchronized void goOn() {
        for (int i = 0; i < clients.length && !Thread.currentThread().isInterrupted(); i++) {
            SocketChannel client = clients[i];
            try {
                if (client == null) {
                    clients[i] = open();
                } else if (client.write(drip.rewind()) < 0 || client.read(sip.clear()) < 0) {
                    throw new IOException("turned out");
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
            // closed all the same
        }
        return null;
    }

    /** How often one has come. */
    synchronized int opened() {
        return opened;
    }

    @Override
    public void close() {
        going.cancel(true);
        thread.shutdown();
        synchronized (this) {
            for (SocketChannel client : clients) {
                close(client);
            }
        }
    }
}
