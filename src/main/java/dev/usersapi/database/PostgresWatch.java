package dev.usersapi.database;

import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/** Starts the embedded PostgreSQL again, on the same port, when it has ended without being told to. */
final class PostgresWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresWatch.class);
    private static final int PAUSE_MILLIS = 500;

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(new CustomizableThreadFactory("postgres-watch-"));
    private final ScheduledFuture<?> looks;
    private final Path cluster;
    private final List<String> start = new ArrayList<>();
    private boolean ended;

    /**
     * Watches from now on.
     *
     * @param options of the server
     */
    PostgresWatch(Path cluster, String options) throws IOException {
        this.cluster = cluster;
        String program = Files.readString(cluster.resolve("postmaster.opts")).split(" \"", 2)[0];
        if (LinuxUtils.isUnshareAvailable()) { // as the library has it: PostgreSQL does not run as root
            start.addAll(List.of("unshare", "-U"));
        }
        start.add(Path.of(program).resolveSibling("pg_ctl").toString());
        start.addAll(List.of("-D", cluster.toString(), "-o", options, "-w", "start"));
        looks = thread.scheduleWithFixedDelay(this::look, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            if (OrphanedPostgres.find(cluster).isEmpty()) {
                startAgain();
            }
        } catch (IOException | RuntimeException e) {
            log.warn("PostgreSQL cannot be started again: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void startAgain() throws IOException, InterruptedException {
        if (!ended) {
            ended = true;
            log.warn("PostgreSQL has ended; starting it again");
        }
        OrphanedPostgres.end(cluster); // whose number may be another process's by now
        int failed = new ProcessBuilder(start)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (failed == 0) {
            ended = false;
            log.info("PostgreSQL runs again");
        }
    }

    /** A start that is under way is waited for, so that the end of PostgreSQL that follows finds it. */
    @Override
    public void close() {
        looks.cancel(false);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(60, TimeUnit.SECONDS)) {
                log.warn("PostgreSQL is still starting");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
