package dev.usersapi.overload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.overload.Crowd.Outcome;
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

/** A service with its small heap under more than it can serve: it refuses, answers health, and is soon as fast again. */
class OverloadIT {

    private static final int CONNECTIONS = 300; // less than the default, so that ten times as many fit this machine
    private static final int TO_HOLD_ALL_THREADS = 250;
    private static final Map<String, String> SETTINGS = Map.of(
            "USERS_ADMIN_PASSWORD",
            Api.PASSWORD,
            "USERS_RATE_LIMIT_USER",
            "10000000",
            "SERVER_FORWARD_HEADERS_STRATEGY", // so that requests from here can come from many addresses
            "native",
            "SERVER_TOMCAT_MAX_CONNECTIONS",
            Integer.toString(CONNECTIONS));
    private static final List<String> HEALTH = List.of("/actuator/health/liveness", "/actuator/health/readiness");
    private static final Duration SOON = Duration.ofSeconds(4); // before Tomcat's own time-outs and those of probes
    private static final long SIEGE = Duration.ofSeconds(2).toNanos();
    private static final Pattern USED = Pattern.compile(" used (\\d+)K");

    @TempDir
    private static Path directory;

    private static ServiceProcess service;
    private static Api.Client admin;
    private static int speed;
    private static int heap;

    private Prober prober;

    @BeforeAll
    static void start() throws IOException {
        service = ServiceProcess.start(directory.resolve("data"), SETTINGS);
        admin = service.api().admin();
        requestsInASecond();
        speed = requestsInASecond();
        heap = heapInUse();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void watchHealth() {
        prober = new Prober(service.port());
    }

    @AfterEach
    void isHealthyAndFastAgain() throws IOException {
        prober.close();
        assertThat(prober.longestSilence()).isLessThan(SOON);
        await().atMost(Duration.ofSeconds(10)).until(() -> requestsInASecond() > speed / 2);
        int left = heapInUse();
        assertThat(left).as("MiB, of which it took %s before", heap).isLessThan(heap + 40);
        assertThat(service.log()).doesNotContain("OutOfMemoryError", " ERROR ");
    }

    private static Duration slowest(List<Outcome> outcomes) {
        return Collections.max(outcomes.stream().map(Outcome::taken).toList());
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
        // each for another account, as one alone would be slowed down
        String body = "{\"email\":\"nobody-" + client + "@example.com\",\"password\":\"" + Api.PASSWORD + "\"}";
        return post(
                "/api/v1/auth/login", from + "Connection: close\r\nContent-Length: " + body.length() + "\r\n", body);
    }

    private static String post(String path, String fields, String body) {
        return request("POST " + path, fields + "Content-Type: application/json\r\n", body);
    }

    /** Answers how often the slow clients came. */
    private static int served(int clients, IntFunction<String> opening, String drip, int sip) throws IOException {
        long end = System.nanoTime() + SIEGE;
        try (SlowClients slow = new SlowClients(service.port(), clients, opening, drip, sip);
                Crowd honest = new Crowd(service.port(), 10)) {
            do {
                await().atMost(Duration.ofSeconds(10)) // of answers that take megabytes there are many at first
                        .until(() -> honest.send(10, i -> me()).stream().allMatch(outcome -> outcome.status() == 200));
            } while (System.nanoTime() < end);
            return slow.opened();
        }
    }

    @Test
    void tenTimesTheConnectionsAreServedOrRefusedAtOnce() throws IOException {
        try (Crowd crowd = new Crowd(service.port(), 64)) {
            List<Outcome> outcomes = crowd.send(10 * CONNECTIONS, i -> me());

            assertThat(outcomes).extracting(Outcome::status).contains(200).isSubsetOf(200, 0);
            assertThat(slowest(outcomes)).isLessThan(SOON);
        }
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "GET / HTTP/1.1\\r\\nX: , x"})
    void headersThatNeverEndMakeRoom(String opening, String drip) throws IOException {
        int clients = 3 * CONNECTIONS;

        assertThat(served(clients, i -> opening.translateEscapes(), drip, 100)).isGreaterThan(clients);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/auth/login, Content-Length: 1000, '{', ''",
        "/api/v1/auth/login, Content-Length: 1000, '{', ' '",
        "/api/v1/auth/login, Transfer-Encoding: chunked, '1;', x",
        "/nowhere, Content-Length: 100000, x, x"
    })
    void bodiesThatNeverEndGiveThreadsBack(String path, String field, String begun, String drip) throws IOException {
        IntFunction<String> opening = i -> post(path, from(i) + field + "\r\n", begun);

        assertThat(served(TO_HOLD_ALL_THREADS, opening, drip, 100)).isGreaterThan(TO_HOLD_ALL_THREADS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4096})
    void answersThatNobodyReadsGiveThreadsBack(int sip) throws IOException {
        String path = "GET /docs/scalar.js";

        served(TO_HOLD_ALL_THREADS, i -> request(path, from(i), "").repeat(10), "", sip);
    }

    @Test
    void floodOfLoginsFromOneAddressIsRefused() throws IOException {
        isRefusedBesideOthers(i -> login(i, from(0)), 401, 429, 503);
    }

    @Test
    void floodOfLoginsFromManyAddressesIsRefused() throws IOException {
        isRefusedBesideOthers(i -> login(i, from(i)), 401, 503);
    }

    private static void isRefusedBesideOthers(IntFunction<String> login, Integer... statuses) throws IOException {
        try (Crowd crowd = new Crowd(service.port(), 100);
                Crowd others = new Crowd(service.port(), 5)) {
            CompletableFuture<List<Outcome>> flood = CompletableFuture.supplyAsync(() -> crowd.send(1000, login));
            List<Outcome> served = others.send(20, i -> me());

            assertThat(served).extracting(Outcome::status).containsOnly(200);
            assertThat(slowest(served)).isLessThan(SOON);
            assertThat(flood.join()).extracting(Outcome::status).containsOnly(statuses);
            assertThat(slowest(flood.join().stream()
                            .filter(outcome -> outcome.status() != 401)
                            .toList()))
                    .isLessThan(SOON);
        }
    }

    @Test
    void whatIsHugeIsRefused() throws IOException {
        String huge = "x".repeat(3_000_000);
        String chunk = "1000\r\n" + "x".repeat(4096) + "\r\n";
        String login = "/api/v1/auth/login";
        isRefused(431, i -> request("GET /", "X: " + huge + "\r\n", ""));
        isRefused(414, i -> request("GET /" + huge, "", ""));
        isRefused(431, i -> request("GET /", "X: 1\r\n".repeat(500), ""));
        isRefused(400, i -> request("GET /docs?" + "a=1&".repeat(1500), from(i), ""));
        isRefused(413, i -> post(login, from(i) + "Content-Length: 3000000\r\n", huge));
        isRefused(413, i -> post(login, from(i) + "Transfer-Encoding: chunked\r\n", chunk.repeat(700)));
        isRefused(400, i -> post(login, from(i) + "Content-Length: 60000\r\n", "[".repeat(60_000)));
    }

    /** A connection may be cut while the rest is being sent; that is no answer, but no harm either. */
    private static void isRefused(int status, IntFunction<String> request) throws IOException {
        try (Crowd crowd = new Crowd(service.port(), 50)) {
            assertThat(crowd.send(100, request))
                    .extracting(Outcome::status)
                    .contains(status)
                    .isSubsetOf(status, 0);
        }
    }

    /** Each client on a connection of its own, which stays. */
    @Test
    void belowTheLimitsNobodyIsTurnedOut() {
        int clients = 200;
        long end = System.nanoTime() + 2 * SIEGE;
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
                LockSupport.parkNanos(SIEGE / 4);
                assertThat(headers.opened() + bodies.opened())
                        .as("not turned out")
                        .isEqualTo(40);
            }
        }
        running.forEach(CompletableFuture::join);
        threads.shutdown();
    }

    private static int requestsInASecond() {
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

    /** In MiB, without what nobody holds any more. */
    private static int heapInUse() throws IOException {
        jcmd("GC.run");
        String generations = jcmd("GC.heap_info").split("Metaspace", 2)[0];
        return USED.matcher(generations)
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

    /** Asks for the service's health as a supervisor does. */
    private static final class Prober implements AutoCloseable {

        private final CompletableFuture<Void> running;
        private volatile boolean stopped;
        private int probes;
        private long good = System.nanoTime();
        private long longest;

        Prober(int port) {
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
                socket.setSoTimeout((int) SOON.toMillis());
                String request = request("GET " + path, "Connection: close\r\n", "");
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (answer.startsWith("HTTP/1.1 200")) {
                    longest = Math.max(longest, System.nanoTime() - good);
                    good = System.nanoTime();
                }
            } catch (IOException e) {
                // refused; the next probe may be answered
            }
            LockSupport.parkNanos(100_000_000);
        }

        /** Between two good answers, up to now. */
        Duration longestSilence() {
            return Duration.ofNanos(Math.max(longest, System.nanoTime() - good));
        }

        @Override
        public void close() {
            stopped = true;
            running.join();
        }
    }
}
