package dev.usersapi.overload;

import static dev.usersapi.overload.ConcurrentClients.CLOSED_WITHOUT_RESPONSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.overload.ConcurrentClients.Outcome;
import dev.usersapi.support.Api;
import dev.usersapi.support.ServiceProcess;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The service with a small heap under overload: it refuses requests, still answers health checks, and soon afterwards has
 * its usual speed and memory.
 */
class OverloadIT {

    // below the default, so that the test machine can open ten times as many
    private static final int CONNECTIONS = 300;
    private static final int MORE_THAN_ALL_THREADS = 250;
    private static final Map<String, String> SETTINGS = Map.of(
            "USERS_ADMIN_PASSWORD",
            Api.PASSWORD,
            "USERS_RATE_LIMIT_USER",
            "10000000",
            "SERVER_FORWARD_HEADERS_STRATEGY", // lets the test choose client addresses
            "native",
            "SERVER_TOMCAT_MAX_CONNECTIONS",
            Integer.toString(CONNECTIONS));
    private static final List<String> HEALTH = List.of("/actuator/health/liveness", "/actuator/health/readiness");
    // below the time-outs of Tomcat and of usual health probes
    private static final Duration MAX_WAIT = Duration.ofSeconds(4);
    private static final long ATTACK_NANOS = Duration.ofSeconds(2).toNanos();
    private static final Pattern USED_HEAP = Pattern.compile(" used (\\d+)K");

    @TempDir
    private static Path directory;

    private static ServiceProcess service;
    private static Api.Client admin;
    private static int usualRequestsPerSecond;
    private static int usualHeap;

    private HealthProbe healthProbe;

    @BeforeAll
    static void start() throws IOException {
        service = ServiceProcess.start(directory.resolve("data"), SETTINGS);
        admin = service.api().admin();
        measureRequestsPerSecond();
        usualRequestsPerSecond = measureRequestsPerSecond();
        usualHeap = measureHeap();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void startHealthProbe() {
        healthProbe = new HealthProbe(service.port());
    }

    @AfterEach
    void recoversSpeedAndMemory() throws IOException {
        healthProbe.close();
        assertThat(healthProbe.longestOutage()).isLessThan(MAX_WAIT);
        await().atMost(Duration.ofSeconds(10)).until(() -> measureRequestsPerSecond() > usualRequestsPerSecond / 2);
        int heap = measureHeap();
        assertThat(heap).as("MiB of heap, %s before the test", usualHeap).isLessThan(usualHeap + 40);
        assertThat(service.log()).doesNotContain("OutOfMemoryError", " ERROR ");
    }

    private static Duration slowest(List<Outcome> outcomes) {
        return Collections.max(outcomes.stream().map(Outcome::duration).toList());
    }

    private static String request(String line, String fields, String body) {
        return line + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
    }

    private static String from(int client) {
        return "X-Forwarded-For: 10.0." + client / 250 + "." + client % 250 + "\r\n";
    }

    private static String me() {
        return request("GET /api/v1/users/me", "Authorization: Bearer " + admin.token() + "\r\n", "");
    }

    private static String login(int client, String from) {
        // each for another account, because failed logins of one account are delayed
        String body = "{\"email\":\"nobody-" + client + "@example.com\",\"password\":\"" + Api.PASSWORD + "\"}";
        return post(
                "/api/v1/auth/login", from + "Connection: close\r\nContent-Length: " + body.length() + "\r\n", body);
    }

    private static String post(String path, String fields, String body) {
        return request("POST " + path, fields + "Content-Type: application/json\r\n", body);
    }

    /**
     * Keeps slow clients connected while other clients are served. Returns how many connections the slow clients opened,
     * which is more than their number if the service closed some.
     */
    private static int countSlowConnections(int clients, IntFunction<String> opening, String repeated, int readSize)
            throws IOException {
        long end = System.nanoTime() + ATTACK_NANOS;
        try (SlowClients slow = new SlowClients(service.port(), clients, opening, repeated, readSize);
                ConcurrentClients others = new ConcurrentClients(service.port(), 10)) {
            do {
                await().atMost(Duration.ofSeconds(10)) // at first, responses of megabytes keep the service busy
                        .until(() -> others.send(10, i -> me()).stream().allMatch(outcome -> outcome.status() == 200));
            } while (System.nanoTime() < end);
            return slow.opened();
        }
    }

    @Test
    void tenTimesTheConnectionLimitIsServedOrRefusedSoon() throws IOException {
        try (ConcurrentClients flood = new ConcurrentClients(service.port(), 64)) {
            List<Outcome> outcomes = flood.send(10 * CONNECTIONS, i -> me());

            assertThat(outcomes).extracting(Outcome::status).contains(200).isSubsetOf(200, CLOSED_WITHOUT_RESPONSE);
            assertThat(slowest(outcomes)).isLessThan(MAX_WAIT);
        }
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "GET / HTTP/1.1\\r\\nX: , x"})
    void connectionsWithEndlessHeadersAreClosed(String opening, String repeated) throws IOException {
        int clients = 3 * CONNECTIONS;

        assertThat(countSlowConnections(clients, i -> opening.translateEscapes(), repeated, 100))
                .isGreaterThan(clients);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/auth/login, Content-Length: 1000, '{', ''",
        "/api/v1/auth/login, Content-Length: 1000, '{', ' '",
        "/api/v1/auth/login, Transfer-Encoding: chunked, '1;', x",
        "/nowhere, Content-Length: 100000, x, x"
    })
    void connectionsWithEndlessBodiesAreClosed(String path, String field, String start, String repeated)
            throws IOException {
        IntFunction<String> opening = i -> post(path, from(i) + field + "\r\n", start);

        assertThat(countSlowConnections(MORE_THAN_ALL_THREADS, opening, repeated, 100))
                .isGreaterThan(MORE_THAN_ALL_THREADS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4096})
    void otherClientsAreServedWhileResponsesAreNotRead(int readSize) throws IOException {
        String path = "GET /docs/scalar.js";

        countSlowConnections(
                MORE_THAN_ALL_THREADS, i -> request(path, from(i), "").repeat(10), "", readSize);
    }

    @Test
    void floodOfLoginsFromOneAddressDoesNotAffectOtherClients() throws IOException {
        assertRefusedWhileOthersAreServed(i -> login(i, from(0)), 401, 429, 503);
    }

    @Test
    void floodOfLoginsFromManyAddressesDoesNotAffectOtherClients() throws IOException {
        assertRefusedWhileOthersAreServed(i -> login(i, from(i)), 401, 503);
    }

    private static void assertRefusedWhileOthersAreServed(IntFunction<String> login, Integer... statuses)
            throws IOException {
        try (ConcurrentClients flood = new ConcurrentClients(service.port(), 100);
                ConcurrentClients others = new ConcurrentClients(service.port(), 5)) {
            CompletableFuture<List<Outcome>> refused = CompletableFuture.supplyAsync(() -> flood.send(1000, login));
            List<Outcome> served = others.send(20, i -> me());

            assertThat(served).extracting(Outcome::status).containsOnly(200);
            assertThat(slowest(served)).isLessThan(MAX_WAIT);
            assertThat(refused.join()).extracting(Outcome::status).containsOnly(statuses);
            assertThat(slowest(refused.join().stream()
                            .filter(outcome -> outcome.status() != 401)
                            .toList()))
                    .isLessThan(MAX_WAIT);
        }
    }

    @Test
    void hugeRequestsAreRefused() throws IOException {
        String huge = "x".repeat(3_000_000);
        String chunk = "1000\r\n" + "x".repeat(4096) + "\r\n";
        String login = "/api/v1/auth/login";
        assertRefused(431, i -> request("GET /", "X: " + huge + "\r\n", ""));
        assertRefused(414, i -> request("GET /" + huge, "", ""));
        assertRefused(431, i -> request("GET /", "X: 1\r\n".repeat(500), ""));
        assertRefused(400, i -> request("GET /docs?" + "a=1&".repeat(1500), from(i), ""));
        assertRefused(413, i -> post(login, from(i) + "Content-Length: 3000000\r\n", huge));
        assertRefused(413, i -> post(login, from(i) + "Transfer-Encoding: chunked\r\n", chunk.repeat(700)));
        assertRefused(400, i -> post(login, from(i) + "Content-Length: 60000\r\n", "[".repeat(60_000)));
    }

    /** The service may also close a connection before the whole request has been sent. */
    private static void assertRefused(int status, IntFunction<String> request) throws IOException {
        try (ConcurrentClients flood = new ConcurrentClients(service.port(), 50)) {
            assertThat(flood.send(100, request))
                    .extracting(Outcome::status)
                    .contains(status)
                    .isSubsetOf(status, CLOSED_WITHOUT_RESPONSE);
        }
    }

    /** Each client keeps one connection of its own. */
    @Test
    void noConnectionIsClosedBelowTheLimits() {
        int clients = 200;
        long end = System.nanoTime() + 2 * ATTACK_NANOS;
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create(service.api().origin() + "/api/v1/users/me"))
                .header("Authorization", "Bearer " + admin.token())
                .build();
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        List<CompletableFuture<Void>> running = IntStream.range(0, clients)
                .mapToObj(i -> CompletableFuture.runAsync(
                        () -> {
                            while (System.nanoTime() < end) {
                                assertThat(http.sendAsync(request, BodyHandlers.ofString())
                                                .join()
                                                .statusCode())
                                        .isEqualTo(200);
                            }
                        },
                        threads))
                .toList();
        while (System.nanoTime() < end) {
            try (SlowClients headers = new SlowClients(service.port(), 20, i -> "GET / HTTP/1.1\r\nX: ", "x", 100);
                    SlowClients bodies = new SlowClients(
                            service.port(),
                            20,
                            i -> post("/api/v1/auth/login", from(i) + "Content-Length: 1000\r\n", "{"),
                            " ",
                            100)) {
                LockSupport.parkNanos(ATTACK_NANOS / 4);
                assertThat(headers.opened() + bodies.opened())
                        .as("connections, of which none was closed")
                        .isEqualTo(40);
            }
        }
        running.forEach(CompletableFuture::join);
        threads.shutdown();
    }

    private static int measureRequestsPerSecond() {
        AtomicInteger done = new AtomicInteger();
        long end = System.nanoTime() + 1_000_000_000L;
        List<CompletableFuture<Void>> clients = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.runAsync(() -> {
                    while (System.nanoTime() < end) {
                        if (admin.get("/api/v1/users/me").status() == 200) {
                            done.incrementAndGet();
                        }
                    }
                }))
                .toList();
        clients.forEach(CompletableFuture::join);
        return done.get();
    }

    /** The used heap in MiB after a garbage collection. */
    private static int measureHeap() throws IOException {
        jcmd("GC.run");
        String generations = jcmd("GC.heap_info").split("Metaspace", 2)[0];
        return USED_HEAP
                        .matcher(generations)
                        .results()
                        .mapToInt(used -> Integer.parseInt(used.group(1)))
                        .sum()
                / 1024;
    }

    private static String jcmd(String command) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(
                        jcmd.toString(), Long.toString(service.handle().pid()), command)
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Requests the health of the service again and again, as an orchestrator does. */
    private static final class HealthProbe implements AutoCloseable {

        private final CompletableFuture<Void> running;
        private volatile boolean stopped;
        private int probes;
        private long lastSuccess = System.nanoTime();
        private long longest;

        HealthProbe(int port) {
            running = CompletableFuture.runAsync(
                    () -> {
                        while (!stopped) {
                            probe(port);
                        }
                    },
                    command -> new Thread(command, "prober").start());
        }

        private void probe(int port) {
            String path = HEALTH.get(probes++ % HEALTH.size());
            try (Socket socket = new Socket("localhost", port)) {
                socket.setSoTimeout((int) MAX_WAIT.toMillis());
                String request = request("GET " + path, "Connection: close\r\n", "");
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (answer.startsWith("HTTP/1.1 200")) {
                    longest = Math.max(longest, System.nanoTime() - lastSuccess);
                    lastSuccess = System.nanoTime();
                }
            } catch (IOException e) {
                // refused; the next probe may succeed
            }
            LockSupport.parkNanos(100_000_000);
        }

        /** The longest time between two successful probes, or since the last one. */
        Duration longestOutage() {
            return Duration.ofNanos(Math.max(longest, System.nanoTime() - lastSuccess));
        }

        @Override
        public void close() {
            stopped = true;
            running.join();
        }
    }
}
