package dev.usersapi.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntSupplier;

/** Forwards TCP connections from a local port to a local server, so that a test can interrupt them. */
public final class Forwarder implements AutoCloseable {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<AutoCloseable> sockets = new ConcurrentLinkedQueue<>();

    public void open(int from, int to) throws IOException {
        listen(from, () -> to);
    }

    /** Forwards from a free port, which it returns, to the port that {@code to} gives for each new connection. */
    public int open(IntSupplier to) throws IOException {
        return listen(0, to);
    }

    private int listen(int from, IntSupplier to) throws IOException {
        ServerSocket server = new ServerSocket(from, 50, InetAddress.getLoopbackAddress());
        sockets.add(server);
        threads.execute(() -> accept(server, to));
        return server.getLocalPort();
    }

    private void accept(ServerSocket server, IntSupplier to) {
        try {
            while (!server.isClosed()) {
                Socket client = server.accept();
                sockets.add(client);
                forward(client, to.getAsInt());
            }
        } catch (IOException e) {
            if (!server.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void forward(Socket client, int to) throws IOException {
        try {
            Socket target = new Socket(InetAddress.getLoopbackAddress(), to);
            sockets.add(target);
            threads.execute(() -> copy(client, target));
            threads.execute(() -> copy(target, client));
        } catch (ConnectException e) {
            client.close(); // no server listens on the target port
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // one side closed the connection; the other side notices by itself
        }
    }

    /** Closes the port and all connections. They can be opened again. */
    public void cut() {
        close(sockets);
    }

    /** Closes all open connections; new ones are still forwarded. */
    public void closeConnections() {
        close(sockets.stream().filter(Socket.class::isInstance).toList());
    }

    private static void close(Collection<AutoCloseable> cut) {
        for (AutoCloseable socket : cut) {
            try {
                socket.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        cut();
        threads.shutdownNow();
    }
}
