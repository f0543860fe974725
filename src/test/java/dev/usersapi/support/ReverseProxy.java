package dev.usersapi.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.mock.env.MockEnvironment;

/**
 * A load balancer: it distributes requests to the instances whose readiness check succeeds, which it asks a few times a
 * second. It keeps connections open, and tries another instance only if one refuses the connection: a request that was
 * sent is never sent again.
 */
public final class ReverseProxy implements AutoCloseable {

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService checks = Executors.newSingleThreadScheduledExecutor();
    private final List<Integer> ports = new CopyOnWriteArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final HttpServer server;
    private volatile List<Integer> ready = List.of();

    public ReverseProxy() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::forward);
        server.setExecutor(threads);
        server.start();
        ScheduledFuture<?> unused = checks.scheduleWithFixedDelay(this::check, 0, 200, TimeUnit.MILLISECONDS);
    }

    public void add(int port) {
        ports.add(port);
    }

    public boolean uses(int port) {
        return ready.contains(port);
    }

    /** The errors of requests that were sent to an instance and got no answer. */
    public Queue<Exception> failures() {
        return failures;
    }

    public Api api() {
        return new Api(new MockEnvironment()
                .withProperty(
                        "local.server.port",
                        Integer.toString(server.getAddress().getPort())));
    }

    private void check() {
        ready = ports.stream().filter(this::isReady).toList();
    }

    private boolean isReady(int port) {
        try {
            HttpRequest request = HttpRequest.newBuilder(uri(port, "/actuator/health/readiness"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static URI uri(int port, String path) {
        return URI.create("http://localhost:" + port + path);
    }

    private void forward(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            HttpResponse<byte[]> response = send(exchange, body);
            response.headers().map().forEach((name, values) -> {
                if (!name.matches("(?i)content-length|transfer-encoding|connection|keep-alive|date|:status")) {
                    exchange.getResponseHeaders().put(name, values);
                }
            });
            int length = response.body().length;
            exchange.sendResponseHeaders(response.statusCode(), length == 0 ? -1 : length);
            exchange.getResponseBody().write(response.body());
        } catch (IOException | RuntimeException e) {
            failures.add(e);
            exchange.sendResponseHeaders(502, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse<byte[]> send(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        List<Integer> candidates = ready;
        assertThat(candidates).as("ready instances").isNotEmpty();
        int first = turn.getAndIncrement();
        for (int n = 0; n < candidates.size(); n++) {
            int port = candidates.get(Math.floorMod(first + n, candidates.size()));
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            uri(port, exchange.getRequestURI().toString()))
                    .timeout(Duration.ofSeconds(20))
                    .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
            exchange.getRequestHeaders().forEach((name, values) -> {
                if (name.matches("(?i)authorization|content-type|x-forwarded-for")) {
                    request.setHeader(name, values.get(0));
                }
            });
            try {
                return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            } catch (ConnectException e) {
                // the instance refuses connections: try the next one
            }
        }
        throw new UncheckedIOException(new ConnectException("refused by all of " + candidates));
    }

    @Override
    public void close() {
        server.stop(0);
        checks.shutdownNow();
        threads.shutdownNow();
    }
}
