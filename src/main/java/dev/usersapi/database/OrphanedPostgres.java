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

/** A PostgreSQL that a killed service left running on the data directory. */
final class OrphanedPostgres {

    private static final Logger log = LoggerFactory.getLogger(OrphanedPostgres.class);
    private static final int PATIENCE_SECONDS = 20;

    private OrphanedPostgres() {}

    /** Ends it and waits until it is gone. The caller holds the directory's lock, so no service can be using it. */
    static void end(Path cluster) throws IOException {
        Path pidFile = pidFile(cluster);
        Optional<ProcessHandle> named = named(pidFile);
        if (named.isEmpty()) {
            return;
        }
        ProcessHandle process = named.get();
        if (!isPostgresOf(cluster, process)) {
            Files.delete(pidFile); // PostgreSQL refuses to start while a process of that number lives
            return;
        }
        log.warn("A killed service left PostgreSQL (process {}) running; ending it", process.pid());
        process.destroy();
        if (!isGoneWithin(process, PATIENCE_SECONDS)) {
            process.destroyForcibly();
            isGoneWithin(process, PATIENCE_SECONDS);
        }
    }

    /** The PostgreSQL that runs on the directory. */
    static Optional<ProcessHandle> find(Path cluster) throws IOException {
        Optional<ProcessHandle> named = named(pidFile(cluster));
        return named.isPresent() && isPostgresOf(cluster, named.get()) ? named : Optional.empty();
    }

    private static Path pidFile(Path cluster) {
        return cluster.resolve("postmaster.pid");
    }

    private static Optional<ProcessHandle> named(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(pidFile);
        return lines.isEmpty() || !lines.get(0).strip().matches("[0-9]{1,18}")
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(lines.get(0).strip()));
    }

    /** A process id is used again after a restart of the machine: the one found may be anybody's. */
    private static boolean isPostgresOf(Path cluster, ProcessHandle process) throws IOException {
        Path workingDirectory = Path.of("/proc", Long.toString(process.pid()), "cwd");
        if (Files.exists(workingDirectory)) { // Linux: PostgreSQL works in its data directory
            return workingDirectory.toRealPath().equals(cluster.toRealPath());
        }
        return process.info().command().orElse("").contains("postgres");
    }

    private static boolean isGoneWithin(ProcessHandle process, int seconds) {
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
