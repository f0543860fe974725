package dev.usersapi.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A PostgreSQL server for one test, from the embedded programs, with durable commits and without passwords. */
public final class PostgresServer implements AutoCloseable {

    private final Path data;
    private final EmbeddedPostgres postgres;
    private boolean killed;

    private PostgresServer(Path data) {
        this.data = data;
        try {
            this.postgres = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setOverrideWorkingDirectory(Path.of("target", "postgres-binaries")
                            .toAbsolutePath()
                            .toFile())
                    .setCleanDataDirectory(false)
                    .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                    .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("unix_socket_directories", "''")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static PostgresServer start(Path data) {
        return new PostgresServer(data);
    }

    /**
     * Starts a standby of this running server from a copy of its data.
     *
     * @param name the {@code application_name} of the standby
     */
    public PostgresServer startStandby(Path copy, String name) {
        try (SingleConnectionDataSource session = new SingleConnectionDataSource(url(), "postgres", "", true)) {
            JdbcClient database = JdbcClient.create(session);
            database.sql("select pg_backup_start('standby', true)::text")
                    .query(String.class)
                    .single();
            run("cp", "-a", data.toString(), copy.toString());
            String label = database.sql("select labelfile from pg_backup_stop()")
                    .query(String.class)
                    .single();
            Files.delete(copy.resolve("postmaster.pid"));
            Files.writeString(copy.resolve("backup_label"), label);
            Files.createFile(copy.resolve("standby.signal"));
            Files.writeString(
                    copy.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=localhost port=%d user=postgres application_name=%s'\n"
                            .formatted(port(), name));
            return new PostgresServer(copy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return postgres.getPort();
    }

    public String url() {
        return "jdbc:postgresql://localhost:" + port() + "/postgres";
    }

    public JdbcClient client() {
        return JdbcClient.create(new DriverManagerDataSource(url(), "postgres", ""));
    }

    /** Changes a setting that needs no restart. */
    public void set(String name, String value) {
        client().sql("alter system set " + name + " = '" + value + "'").update();
        client().sql("select pg_reload_conf()").query(Boolean.class).single();
    }

    /** The process id of the WAL receiver of a standby. */
    public String receiver() {
        return client().sql("select pid::text from pg_stat_wal_receiver")
                .query(String.class)
                .single();
    }

    /** The settings of a service that uses the database at the URL. */
    public static Map<String, String> settings(String url) {
        return Map.of(
                "SPRING_DATASOURCE_URL", url,
                "SPRING_DATASOURCE_USERNAME", "postgres",
                "SPRING_DATASOURCE_PASSWORD", "",
                "USERS_ADMIN_PASSWORD", Api.PASSWORD,
                "USERS_RATE_LIMIT_ENABLED", "false");
    }

    /** The postmaster, and then the processes that it started. */
    private List<ProcessHandle> processes() {
        ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(
                        read(data.resolve("postmaster.pid")).lines().findFirst().orElseThrow()))
                .orElseThrow();
        return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    }

    /** Sends a signal to all processes. After {@code STOP} the connections stay open without answers until {@code CONT}. */
    public void signal(String name) {
        processes().forEach(process -> run("kill", "-" + name, Long.toString(process.pid())));
    }

    /** Kills the process of a connection. The postmaster then ends all connections and recovers. */
    public void crash() {
        String backend = client().sql("select max(pid)::text from pg_stat_activity"
                        + " where backend_type = 'client backend' and pid <> pg_backend_pid()")
                .query(String.class)
                .single();
        run("kill", "-KILL", backend);
    }

    /** Kills all processes, as a failure of the machine does. */
    public void kill() {
        List<ProcessHandle> all = processes();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(ServiceProcess::end);
        killed = true;
    }

    /** Starts the killed server again, on another port. */
    public PostgresServer startAgain() {
        try {
            postgres.close(); // releases the lock of the data directory
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new PostgresServer(data);
    }

    @Override
    public void close() {
        try {
            if (!killed) {
                postgres.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void run(String... command) {
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            assertThat(process.waitFor()).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
