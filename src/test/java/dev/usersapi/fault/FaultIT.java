package dev.usersapi.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Causes one {@link Fault} after another while clients write. No acknowledged write may be lost or stored twice, and
 * clients must get answers during the fault. {@code -Dfault.full=true} makes each fault last for 30 seconds, with more
 * writes before and after; {@code -Dfault.seed=N} repeats the requests of the run with that seed.
 */
@EnabledOnOs(OS.LINUX) // signals, mounts
class FaultIT {

    private static final boolean FULL = Boolean.getBoolean("fault.full");
    private static final long SEED = Long.getLong("fault.seed", System.nanoTime());
    private static final Path LOG = Path.of("target", "fault.log");
    private static final int CLIENTS = 4;
    private static final int READERS = 150;
    private static final int WRITES_BEFORE = FULL ? 200 : 20;
    private static final Duration TIME_WITHOUT_FAILURE = Duration.ofMillis(FULL ? 10_000 : 700);
    private static final Duration MAX_ANSWER_TIME = Duration.ofSeconds(5);
    private static final Duration MAX_RECOVERY_TIME = Duration.ofSeconds(60);
    private static final String ROW = "%-36s %12s %6s %11s %14s %16s%n";
    private static final Pattern SECRET =
            Pattern.compile("correct-horse|\\brt_[\\w-]{20}|\\beyJ[\\w-]{20}|\\$argon2|\\blt_[\\w-]{20}");

    @TempDir
    private Path directory;

    private final Facts facts = new Facts();
    private final List<String> complaints = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @Test
    void acknowledgedWritesSurviveFaultsAndClientsGetAnswersDuringThem() throws IOException {
        StringBuilder table = new StringBuilder("%nSeed %d%n".formatted(SEED))
                .append(ROW.formatted(
                        "fault", "acknowledged", "lost", "duplicated", "longest hang", "time to recover"));
        try (FaultSite site = new FaultSite(directory)) {
            for (Fault fault : Fault.values()) {
                table.append(
                        fault == Fault.DISK_FULL && site.disk().isEmpty()
                                ? "%-36s left out: this process may not mount a file system%n".formatted(fault)
                                : run(site, fault));
            }
            checkLog(Files.writeString(LOG, site.log()));
        } finally {
            threads.shutdownNow();
            System.out.println(table);
        }
        assertThat(complaints).as("seed %d", SEED).isEmpty();
    }

    private static Duration length(Fault fault) {
        int quick = switch (fault) {
            case POSTGRES_FROZEN -> 10; // longer than the time-outs of the service
            case REDIS_KILLED, REDIS_FROZEN -> 1;
            default -> 3;
        };
        return fault.lasts() ? Duration.ofSeconds(FULL ? 30 : quick) : Duration.ZERO;
    }

    private String run(FaultSite site, Fault fault) {
        FaultLog log = new FaultLog();
        Api api = site.serviceAskedDuring(fault).api();
        List<FaultClient> clients = IntStream.range(0, CLIENTS)
                .mapToObj(n -> new FaultClient(
                        fault.name() + "-" + n, SEED + 31L * n + fault.name().hashCode(), api, facts, log))
                .toList();
        List<CompletableFuture<Void>> running = new ArrayList<>(clients.stream()
                .map(client -> CompletableFuture.runAsync(client, threads))
                .toList());
        await().atMost(Duration.ofMinutes(3)).until(() -> log.acknowledged() >= WRITES_BEFORE);
        Liveness liveness = new Liveness(api.anonymous(), log);
        if (fault.serviceMustAnswer()) {
            running.add(CompletableFuture.runAsync(liveness, threads));
        }

        Api.Client reader = api.admin();
        log.restartMeasurement();
        long begun = System.nanoTime();
        fault.cause(site);
        if (fault.lasts() && fault.serviceMustAnswer()) {
            IntStream.range(0, READERS)
                    .forEach(n -> running.add(CompletableFuture.runAsync(() -> read(reader, log), threads)));
        }
        LockSupport.parkNanos(length(fault).toNanos());
        if (fault.affectsOnlyRateLimits() && site.sharesLimits(reader)) {
            log.complain("limits are shared although Redis does not answer");
        }
        int before = log.acknowledged();
        long over = System.nanoTime();
        fault.repair(site);
        await(fault + ": writes are acknowledged again, and limits shared")
                .atMost(MAX_RECOVERY_TIME)
                .pollInterval(Duration.ofMillis(10))
                .until(() ->
                        log.acknowledged() > before && (!fault.affectsOnlyRateLimits() || site.sharesLimits(reader)));
        long again = System.nanoTime();
        long last;
        do { // until no request has failed for a while
            last = log.lastFailure();
            LockSupport.parkNanos(TIME_WITHOUT_FAILURE.toNanos());
        } while (last != log.lastFailure() && System.nanoTime() - over < MAX_RECOVERY_TIME.toNanos());
        Duration recovery = Duration.ofNanos(Math.max(again, last) - over);

        clients.forEach(FaultClient::stop);
        liveness.stop();
        running.forEach(CompletableFuture::join);
        Facts.Differences differences = check(site, fault, api, clients); // also uses the tokens of the clients
        if (fault.serviceMustAnswer() && log.longest().compareTo(MAX_ANSWER_TIME) > 0) {
            log.complain("the longest answer took " + log.longest());
        }
        if (fault.affectsOnlyRateLimits() && log.lastFailure() - begun > 0) {
            log.complain("a request failed");
        }
        for (List<String> found :
                List.of(log.complaints(), differences.lost(), differences.duplicated(), differences.unrequested())) {
            found.stream().distinct().limit(5).forEach(what -> complaints.add(fault + ": " + what));
        }
        return ROW.formatted(
                fault,
                log.acknowledged(),
                differences.lost().size(),
                differences.duplicated().size(),
                seconds(log.longest()),
                seconds(recovery));
    }

    /** One of the readers that send a request when the fault begins. */
    private static void read(Api.Client client, FaultLog log) {
        FaultLog.Call call = log.begin("GET /api/v1/users");
        try {
            call.answered(client.get("/api/v1/users"));
        } catch (UncheckedIOException e) {
            log.complain("no answer: " + e);
        }
    }

    private static String seconds(Duration duration) {
        return "%.1f s".formatted(duration.toMillis() / 1000.0);
    }

    private Facts.Differences check(FaultSite site, Fault fault, Api api, List<FaultClient> clients) {
        SingleConnectionDataSource connection = new SingleConnectionDataSource(
                site.service().databaseUrl(), "postgres", site.service().databasePassword(), true);
        try {
            JdbcClient database = JdbcClient.create(connection);
            Facts.Differences differences = facts.compare(database);
            Aftermath.inconsistencies(database, api).forEach(what -> complaints.add(fault + ": " + what));
            clients.forEach(FaultClient::checkRefreshTokens);
            return differences;
        } finally {
            connection.destroy();
        }
    }

    private void checkLog(Path log) throws IOException {
        Files.readString(log)
                .lines()
                .filter(line -> line.matches(".*( ERROR |^\tat ).*")
                        || SECRET.matcher(line).find())
                .distinct()
                .limit(20)
                .forEach(line -> complaints.add("log: " + line));
    }

    /** Checks the liveness of the service, like a supervisor. */
    private static final class Liveness implements Runnable {

        private static final Duration MAX_LIVENESS_TIME = Duration.ofSeconds(2);

        private final Api.Client client;
        private final FaultLog log;
        private volatile boolean stopped;

        private Liveness(Api.Client client, FaultLog log) {
            this.client = client;
            this.log = log;
        }

        private void stop() {
            stopped = true;
        }

        @Override
        public void run() {
            while (!stopped) {
                long begun = System.nanoTime();
                int status = client.get("/actuator/health/liveness").status();
                Duration taken = Duration.ofNanos(System.nanoTime() - begun);
                if (status != 200 || taken.compareTo(MAX_LIVENESS_TIME) > 0) {
                    log.complain("the liveness check got " + status + " after " + taken);
                }
                LockSupport.parkNanos(100_000_000);
            }
        }
    }
}
