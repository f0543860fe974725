package dev.usersapi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Makes a server on this machine reachable on a second port, from when it is opened until it is closed. */
final class Forwarder implements AutoCloseable {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<AutoCloseable> sockets = new ConcurrentLinkedQueue<>();

    void open(int from, int to) throws IOException {
        ServerSocket server = new ServerSocket(from, 50, InetAddress.getLoopbackAddress());
        sockets.add(server);
        threads.execute(() -> accept(server, to));
    }

    private void accept(ServerSocket server, int to) {
        try {
            while (!server.isClosed()) {
                Socket client = server.accept();
                sockets.add(client);
                Socket target = new Socket(InetAddress.getLoopbackAddress(), to);
                sockets.add(target);
                threads.execute(() -> copy(client, target));
                threads.execute(() -> copy(target, client));
            }
        } catch (IOException e) {
            if (!server.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // one of the two hung up, which the other is about to notice
        }
    }

    /** Until it is opened again. */
    void cut() {
        while (!sockets.isEmpty()) {
            try {
                sockets.remove().close();
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
