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
 * Nothing acknowledged is lost, nothing else is half there, whatever breaks while clients write; and meanwhile they are
 * answered. This is the short form; {@code -Dfault.full=true} makes each fault last for 30 seconds and writes more before
 * and after, {@code -Dfault.seed=N} writes what the run with that seed wrote.
 */
@EnabledOnOs(OS.LINUX) // signals, mounts
class FaultIT {

    private static final boolean FULL = Boolean.getBoolean("fault.full");
    private static final long SEED = Long.getLong("fault.seed", System.nanoTime());
    private static final Path LOG = Path.of("target", "fault.log");
    private static final int CLIENTS = 4;
    private static final int CROWD = 150;
    private static final int WRITES_BEFORE = FULL ? 200 : 20;
    private static final Duration CALM = Duration.ofMillis(FULL ? 10_000 : 700);
    private static final Duration LONGEST_HANG = Duration.ofSeconds(5);
    private static final Duration LONGEST_RECOVERY = Duration.ofSeconds(60);
    private static final String ROW = "%-36s %12s %6s %11s %14s %16s%n";
    private static final Pattern SECRET =
            Pattern.compile("correct-horse|\\brt_[\\w-]{20}|\\beyJ[\\w-]{20}|\\$argon2|\\blt_[\\w-]{20}");

    @TempDir
    private Path directory;

    private final Facts facts = new Facts();
    private final List<String> complaints = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @Test
    void whatIsAcknowledgedSurvivesFaultsAndClientsAreAnsweredMeanwhile() throws IOException {
        StringBuilder table = new StringBuilder("%nSeed %d%n".formatted(SEED))
                .append(ROW.formatted(
                        "fault", "acknowledged", "lost", "duplicated", "longest hang", "time to recover"));
        try (FaultSite site = new FaultSite(directory)) {
            for (Breakage breakage : Breakage.values()) {
                table.append(
                        breakage == Breakage.DISK_FULL && site.disk().isEmpty()
                                ? "%-36s left out: no file system may be mounted here%n".formatted(breakage)
                                : run(site, breakage));
            }
            checkLog(Files.writeString(LOG, site.log()));
        } finally {
            threads.shutdownNow();
            System.out.println(table);
        }
        assertThat(complaints).as("seed %d", SEED).isEmpty();
    }

    private static Duration length(Breakage breakage) {
        int quick = switch (breakage) {
            case POSTGRES_FROZEN -> 10; // what is waited for takes its time to give up
            case REDIS_KILLED, REDIS_FROZEN -> 1;
            default -> 3;
        };
        return breakage.lasts() ? Duration.ofSeconds(FULL ? 30 : quick) : Duration.ZERO;
    }

    private String run(FaultSite site, Breakage breakage) {
        FaultLog log = new FaultLog();
        Api api = site.asked(breakage).api();
        List<FaultClient> clients = IntStream.range(0, CLIENTS)
                .mapToObj(n -> new FaultClient(
                        breakage.name() + "-" + n,
                        SEED + 31L * n + breakage.name().hashCode(),
                        api,
                        facts,
                        log))
                .toList();
        List<CompletableFuture<Void>> running = new ArrayList<>(clients.stream()
                .map(client -> CompletableFuture.runAsync(client, threads))
                .toList());
        await().atMost(Duration.ofMinutes(3)).until(() -> log.acknowledged() >= WRITES_BEFORE);
        Liveness liveness = new Liveness(api.anonymous(), log);
        if (breakage.leavesTheService()) {
            running.add(CompletableFuture.runAsync(liveness, threads));
        }

        Api.Client reader = api.admin();
        log.restartClock();
        long struck = System.nanoTime();
        breakage.strike(site);
        if (breakage.lasts() && breakage.leavesTheService()) {
            IntStream.range(0, CROWD)
                    .forEach(n -> running.add(CompletableFuture.runAsync(() -> look(reader, log), threads)));
        }
        LockSupport.parkNanos(length(breakage).toNanos());
        if (breakage.isOfLimits() && site.sharesLimits(reader)) {
            log.complain("limits are shared through a Redis that is away");
        }
        int before = log.acknowledged();
        long over = System.nanoTime();
        breakage.mend(site);
        await(breakage + ": writes are acknowledged again, and limits shared")
                .atMost(LONGEST_RECOVERY)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> log.acknowledged() > before && (!breakage.isOfLimits() || site.sharesLimits(reader)));
        long again = System.nanoTime();
        long lastFailure;
        do { // until no client has failed for a while
            lastFailure = log.failedLast();
            LockSupport.parkNanos(CALM.toNanos());
        } while (lastFailure != log.failedLast() && System.nanoTime() - over < LONGEST_RECOVERY.toNanos());
        Duration recovery = Duration.ofNanos(Math.max(again, lastFailure) - over);

        clients.forEach(FaultClient::stop);
        liveness.stop();
        running.forEach(CompletableFuture::join);
        Facts.Differences differences = check(site, breakage, api, clients); // which complains of answers, too
        if (breakage.leavesTheService() && log.longest().compareTo(LONGEST_HANG) > 0) {
            log.complain("the longest answer took " + log.longest());
        }
        if (breakage.isOfLimits() && log.failedLast() - struck > 0) {
            log.complain("a request failed");
        }
        for (List<String> found :
                List.of(log.complaints(), differences.lost(), differences.duplicated(), differences.unasked())) {
            found.stream().distinct().limit(5).forEach(what -> complaints.add(breakage + ": " + what));
        }
        return ROW.formatted(
                breakage,
                log.acknowledged(),
                differences.lost().size(),
                differences.duplicated().size(),
                seconds(log.longest()),
                seconds(recovery));
    }

    /** One of a crowd that reads. */
    private static void look(Api.Client client, FaultLog log) {
        FaultLog.Call call = log.begin("GET /api/v1/users");
        try {
            call.answered(client.get("/api/v1/users"));
        } catch (UncheckedIOException e) {
            log.complain("not answered: " + e);
        }
    }

    private static String seconds(Duration duration) {
        return "%.1f s".formatted(duration.toMillis() / 1000.0);
    }

    private Facts.Differences check(FaultSite site, Breakage breakage, Api api, List<FaultClient> clients) {
        SingleConnectionDataSource connection = new SingleConnectionDataSource(
                site.service().databaseUrl(), "postgres", site.service().databasePassword(), true);
        try {
            JdbcClient database = JdbcClient.create(connection);
            Facts.Differences differences = facts.compare(database);
            Aftermath.inconsistencies(database, api).forEach(what -> complaints.add(breakage + ": " + what));
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

    /** Asks whether the service lives, as its supervisor would. */
    private static final class Liveness implements Runnable {

        private static final Duration AT_ONCE = Duration.ofSeconds(2);

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
                if (status != 200 || taken.compareTo(AT_ONCE) > 0) {
                    log.complain("liveness was answered " + status + " after " + taken);
                }
                LockSupport.parkNanos(100_000_000);
            }
        }
    }
}
