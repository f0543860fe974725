package dev.usersapi.overload;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Many clients, each with a connection of its own, which stays open until {@link #close}. */
final class ConcurrentClients implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 15_000;

    /** Status of a client whose connection the service closed without a response. */
    static final int CLOSED_WITHOUT_RESPONSE = 0;

    private static final int TIMED_OUT = -1;

    /** The result of one client. */
    record Outcome(int status, Duration duration) {}

    private final int port;
    private final ExecutorService threads;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    /** Uses the given number of threads, so that as many clients act at the same time. */
    ConcurrentClients(int port, int threads) {
        this.port = port;
        this.threads = Executors.newFixedThreadPool(threads);
    }

    /** Each client connects, sends the request for its number, and waits for the status line of the response. */
    List<Outcome> send(int clients, IntFunction<String> request) {
        List<CompletableFuture<Outcome>> running = IntStream.range(0, clients)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> send(request.apply(i)), threads))
                .toList();
        return running.stream().map(CompletableFuture::join).toList();
    }

    private Outcome send(String request) {
        long start = System.nanoTime();
        int status;
        try {
            status = status(request);
        } catch (SocketTimeoutException e) {
            status = TIMED_OUT;
        } catch (IOException e) {
            status = CLOSED_WITHOUT_RESPONSE;
        }
        return new Outcome(status, Duration.ofNanos(System.nanoTime() - start));
    }

    private int status(String request) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress("localhost", port), TIMEOUT_MILLIS);
        try {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // refused before the request was complete; the response may still be readable
        }
        InputStream in = socket.getInputStream();
        String line = new String(in.readNBytes("HTTP/1.1 200".length()), StandardCharsets.ISO_8859_1);
        return line.isEmpty() ? CLOSED_WITHOUT_RESPONSE : Integer.parseInt(line.substring(9));
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
