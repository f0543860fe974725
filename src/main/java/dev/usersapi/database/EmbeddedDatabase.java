package dev.usersapi.database;

import dev.usersapi.error.StartupRefusedException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * A PostgreSQL that runs as a child process, from binaries in a Maven artifact. It keeps its files in the data directory:
 *
 * <ul>
 *   <li>{@code lock}: locked while a service uses the directory, so that a second service does not
 *   <li>{@code password}: password of the only role, because every user of the machine can reach the port
 *   <li>{@code initialized}: exists once {@code postgres} is complete
 *   <li>{@code postgres}, {@code binaries}: the database cluster and the programs
 * </ul>
 */
public class EmbeddedDatabase implements JdbcConnectionDetails, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final Map<String, String> SETTINGS = Map.of(
            // the library is made for tests and turns durability off; here every committed write must survive
            "fsync", "on",
            "synchronous_commit", "on",
            "full_page_writes", "on",
            "listen_addresses", "localhost",
            "unix_socket_directories", "''",
            "max_connections", "100",
            "timezone", "UTC");

    private final Path directory;
    private final EmbeddedPostgres postgres;
    private final PostgresRestarter restarter;
    private final String password;
    private final FileChannel lock;

    private EmbeddedDatabase(
            Path directory, EmbeddedPostgres postgres, PostgresRestarter restarter, String password, FileChannel lock) {
        this.directory = directory;
        this.postgres = postgres;
        this.restarter = restarter;
        this.password = password;
        this.lock = lock;
    }

    static EmbeddedDatabase start(Path configured) {
        Path directory = configured.toAbsolutePath().normalize();
        FileChannel lock = null;
        try {
            createForOwnerOnly(directory);
            lock = lock(directory);
            PostgresProcess.terminate(directory.resolve("postgres"));
            moveIncompleteCluster(directory);
            String password = password(directory.resolve("password"));
            log.info("Starting PostgreSQL in {}", directory);
            EmbeddedPostgres postgres = launch(directory, password);
            Files.writeString(directory.resolve("initialized"), "");
            PostgresRestarter restarter =
                    new PostgresRestarter(directory.resolve("postgres"), options(postgres.getPort()));
            return new EmbeddedDatabase(directory, postgres, restarter, password, lock);
        } catch (IOException | IllegalStateException e) {
            closeQuietly(lock);
            throw refusal(directory, e);
        } catch (StartupRefusedException e) {
            closeQuietly(lock);
            throw e;
        }
    }

    private static EmbeddedPostgres launch(Path directory, String password) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve("postgres"))
                .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false) // Spring closes it after everything that uses it
                .setPGStartupWait(Duration.ofSeconds(60)) // recovery after a crash may take a while
                // initdb options, which override "-A trust" of the library because they come after it
                .setLocaleConfig("auth", "scram-sha-256")
                .setLocaleConfig("pwfile", directory.resolve("password").toString())
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("locale-provider", "builtin")
                .setLocaleConfig("builtin-locale", "C.UTF-8")
                .setConnectConfig("password", password);
        SETTINGS.forEach(builder::setServerConfig);
        return builder.start();
    }

    /** The options with which the library starts the server. */
    private static String options(int port) {
        return SETTINGS.entrySet().stream()
                .map(setting -> "-c " + setting.getKey() + "=" + setting.getValue())
                .collect(Collectors.joining(" ", "-p " + port + " ", ""));
    }

    private static void createForOwnerOnly(Path directory) throws IOException {
        Files.createDirectories(directory);
        if (isPosix() && Files.getOwner(directory).getName().equals(System.getProperty("user.name"))) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            log.debug("Locked by this JVM", e);
        }
        channel.close();
        throw new StartupRefusedException(
                "Another users-api is already running on the data directory " + directory + ".",
                "Stop it, or name another directory with USERS_DATA_DIR.");
    }

    /** Moves away the empty cluster of a first start that was killed. It is not deleted, in case it has data after all. */
    private static void moveIncompleteCluster(Path directory) throws IOException {
        Path cluster = directory.resolve("postgres");
        if (Files.exists(cluster) && !Files.exists(directory.resolve("initialized"))) {
            Path aside = directory.resolve("postgres.incomplete-" + System.currentTimeMillis());
            Files.move(cluster, aside);
            log.warn("The first start did not finish; its incomplete database was moved to {}", aside);
        }
    }

    private static String password(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] bytes = new byte[24];
            new SecureRandom().nextBytes(bytes);
            Path temporary = Files.createTempFile(file.getParent(), "password", ".new"); // only the owner can read it
            Files.writeString(temporary, HexFormat.of().formatHex(bytes));
            Files.move(temporary, file);
        }
        return Files.readString(file).strip();
    }

    private static StartupRefusedException refusal(Path directory, Exception failure) {
        log.debug("The embedded PostgreSQL did not start", failure);
        return new StartupRefusedException(
                "The embedded PostgreSQL cannot start in " + directory + ": " + reason(failure) + ".",
                "Make sure that the directory is writable and has free space, name another one with USERS_DATA_DIR,"
                        + " or use a PostgreSQL of your own with SPRING_DATASOURCE_URL.");
    }

    /** The message of a file exception is often only the name of the file. */
    private static @Nullable String reason(Exception failure) {
        if (failure instanceof FileAlreadyExistsException existing) {
            return existing.getFile() + " is not a directory";
        }
        if (failure instanceof AccessDeniedException denied) {
            return denied.getFile() + " cannot be read or written";
        }
        return failure.getMessage();
    }

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            log.debug("The lock file cannot be closed", e);
        }
    }

    public Path directory() {
        return directory;
    }

    @Override
    public String getJdbcUrl() {
        return "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres";
    }

    @Override
    public String getUsername() {
        return "postgres";
    }

    @Override
    public String getPassword() {
        return password;
    }

    @Override
    public void close() throws IOException {
        restarter.close();
        postgres.close();
        lock.close();
    }
}
