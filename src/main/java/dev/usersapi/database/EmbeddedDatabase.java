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
 * A real PostgreSQL, run as a child process from binaries that came as a Maven artifact, with its data kept in a
 * directory of ours:
 *
 * <ul>
 *   <li>{@code lock}: held while a service uses the directory; a second one must not touch the first one's database
 *   <li>{@code password}: of the database's only role; loopback is open to everybody on the machine
 *   <li>{@code initialized}: there once {@code postgres} is complete
 *   <li>{@code postgres}, {@code binaries}: the cluster and the programs
 * </ul>
 */
public class EmbeddedDatabase implements JdbcConnectionDetails, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final Map<String, String> SETTINGS = Map.of(
            // the library switches durability off, for tests; here every acknowledged write must survive
            "fsync", "on",
            "synchronous_commit", "on",
            "full_page_writes", "on",
            "listen_addresses", "localhost",
            "unix_socket_directories", "''",
            "max_connections", "100",
            "timezone", "UTC");

    private final Path directory;
    private final EmbeddedPostgres postgres;
    private final PostgresWatch watch;
    private final String password;
    private final FileChannel lock;

    private EmbeddedDatabase(
            Path directory, EmbeddedPostgres postgres, PostgresWatch watch, String password, FileChannel lock) {
        this.directory = directory;
        this.postgres = postgres;
        this.watch = watch;
        this.password = password;
        this.lock = lock;
    }

    static EmbeddedDatabase start(Path configured) {
        Path directory = configured.toAbsolutePath().normalize();
        FileChannel lock = null;
        try {
            createPrivately(directory);
            lock = lock(directory);
            OrphanedPostgres.end(directory.resolve("postgres"));
            setAsideIncomplete(directory);
            String password = password(directory.resolve("password"));
            log.info("Starting PostgreSQL in {}", directory);
            EmbeddedPostgres postgres = launch(directory, password);
            Files.writeString(directory.resolve("initialized"), "");
            PostgresWatch watch = new PostgresWatch(directory.resolve("postgres"), options(postgres.getPort()));
            return new EmbeddedDatabase(directory, postgres, watch, password, lock);
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
                .setRegisterShutdownHook(false) // closed with the context, after everything that uses it
                .setPGStartupWait(Duration.ofSeconds(60)) // recovery after a crash may take a while
                // initdb options: these come after the library's own "-A trust" and win
                .setLocaleConfig("auth", "scram-sha-256")
                .setLocaleConfig("pwfile", directory.resolve("password").toString())
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("locale-provider", "builtin")
                .setLocaleConfig("builtin-locale", "C.UTF-8")
                .setConnectConfig("password", password);
        SETTINGS.forEach(builder::setServerConfig);
        return builder.start();
    }

    /** What the library starts the server with. */
    private static String options(int port) {
        return SETTINGS.entrySet().stream()
                .map(setting -> "-c " + setting.getKey() + "=" + setting.getValue())
                .collect(Collectors.joining(" ", "-p " + port + " ", ""));
    }

    private static void createPrivately(Path directory) throws IOException {
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

    /** A first start that was killed left a cluster that never held anything; it is kept, in case this is wrong. */
    private static void setAsideIncomplete(Path directory) throws IOException {
        Path cluster = directory.resolve("postgres");
        if (Files.exists(cluster) && !Files.exists(directory.resolve("initialized"))) {
            Path aside = directory.resolve("postgres.incomplete-" + System.currentTimeMillis());
            Files.move(cluster, aside);
            log.warn("The last first start did not finish; moved its incomplete database to {}", aside);
        }
    }

    private static String password(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] bytes = new byte[24];
            new SecureRandom().nextBytes(bytes);
            Path written = Files.createTempFile(file.getParent(), "password", ".new"); // readable by its owner only
            Files.writeString(written, HexFormat.of().formatHex(bytes));
            Files.move(written, file);
        }
        return Files.readString(file).strip();
    }

    private static StartupRefusedException refusal(Path directory, Exception failure) {
        log.debug("The embedded PostgreSQL did not start", failure);
        return new StartupRefusedException(
                "The embedded PostgreSQL cannot start in " + directory + ": " + reason(failure) + ".",
                "See that the directory can be written and has room, name another one with USERS_DATA_DIR,"
                        + " or use a PostgreSQL of your own with SPRING_DATASOURCE_URL.");
    }

    /** The message of a failure with a file is often no more than the file's name. */
    private static @Nullable String reason(Exception failure) {
        if (failure instanceof FileAlreadyExistsException existing) {
            return existing.getFile() + " is not a directory";
        }
        if (failure instanceof AccessDeniedException denied) {
            return denied.getFile() + " may not be written or read";
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
            log.debug("Lock not released", e);
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
        watch.close();
        postgres.close();
        lock.close();
    }
}
