package dev.usersapi.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the PostgreSQL process of a data directory, and ends one that a killed service left running. */
final class PostgresProcess {

    private static final Logger log = LoggerFactory.getLogger(PostgresProcess.class);
    private static final int SHUTDOWN_TIMEOUT_SECONDS = 20;

    private PostgresProcess() {}

    /** Ends the process and waits for its exit. The caller must hold the lock of the directory. */
    static void terminate(Path cluster) throws IOException {
        Path pidFile = pidFile(cluster);
        Optional<ProcessHandle> found = readPidFile(pidFile);
        if (found.isEmpty()) {
            return;
        }
        ProcessHandle process = found.get();
        if (!isPostgresOf(cluster, process)) {
            Files.delete(pidFile); // PostgreSQL does not start while a process with this ID exists
            return;
        }
        log.warn("A service that was killed left PostgreSQL (process {}) running, which is now stopped", process.pid());
        process.destroy();
        if (!awaitExit(process, SHUTDOWN_TIMEOUT_SECONDS)) {
            process.destroyForcibly();
            awaitExit(process, SHUTDOWN_TIMEOUT_SECONDS);
        }
    }

    static Optional<ProcessHandle> find(Path cluster) throws IOException {
        Optional<ProcessHandle> found = readPidFile(pidFile(cluster));
        return found.isPresent() && isPostgresOf(cluster, found.get()) ? found : Optional.empty();
    }

    private static Path pidFile(Path cluster) {
        return cluster.resolve("postmaster.pid");
    }

    private static Optional<ProcessHandle> readPidFile(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(pidFile);
        return lines.isEmpty() || !lines.get(0).strip().matches("[0-9]{1,18}")
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(lines.get(0).strip()));
    }

    /** Process IDs are reused after a restart of the machine, so the ID may belong to another program. */
    private static boolean isPostgresOf(Path cluster, ProcessHandle process) throws IOException {
        Path workingDirectory = Path.of("/proc", Long.toString(process.pid()), "cwd");
        if (Files.exists(workingDirectory)) { // Linux; the working directory of PostgreSQL is its data directory
            return workingDirectory.toRealPath().equals(cluster.toRealPath());
        }
        return process.info().command().orElse("").contains("postgres");
    }

    private static boolean awaitExit(ProcessHandle process, int seconds) {
        try {
            process.onExit().get(seconds, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
