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

/** Restarts the embedded PostgreSQL on the same port when it has stopped unexpectedly. */
final class PostgresRestarter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresRestarter.class);
    private static final int CHECK_INTERVAL_MILLIS = 500;

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(new CustomizableThreadFactory("postgres-restarter-"));
    private final ScheduledFuture<?> checks;
    private final Path cluster;
    private final List<String> startCommand = new ArrayList<>();
    private boolean stopped;

    /** @param options command-line options of the PostgreSQL server */
    PostgresRestarter(Path cluster, String options) throws IOException {
        this.cluster = cluster;
        String program = Files.readString(cluster.resolve("postmaster.opts")).split(" \"", 2)[0];
        if (LinuxUtils.isUnshareAvailable()) { // as the library does, because PostgreSQL refuses to run as root
            startCommand.addAll(List.of("unshare", "-U"));
        }
        startCommand.add(Path.of(program).resolveSibling("pg_ctl").toString());
        startCommand.addAll(List.of("-D", cluster.toString(), "-o", options, "-w", "start"));
        checks = thread.scheduleWithFixedDelay(
                this::restartIfStopped, CHECK_INTERVAL_MILLIS, CHECK_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void restartIfStopped() {
        try {
            if (PostgresProcess.find(cluster).isEmpty()) {
                restart();
            }
        } catch (IOException | RuntimeException e) {
            log.warn("PostgreSQL cannot be restarted: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void restart() throws IOException, InterruptedException {
        if (!stopped) {
            stopped = true;
            log.warn("PostgreSQL has stopped unexpectedly and is restarted");
        }
        PostgresProcess.terminate(cluster); // deletes a PID file whose process ID another process may have by now
        int exitCode = new ProcessBuilder(startCommand)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (exitCode == 0) {
            stopped = false;
            log.info("PostgreSQL is running again");
        }
    }

    /** Waits for a restart that is in progress, so that the PostgreSQL process can be stopped afterwards. */
    @Override
    public void close() {
        checks.cancel(false);
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
