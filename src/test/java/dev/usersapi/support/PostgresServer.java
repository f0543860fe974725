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

/** A PostgreSQL of a test's own, from the programs that the service brings. It lets everybody in and keeps its promises. */
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
     * Starts another that follows this one, from a copy of it as it runs.
     *
     * @param name by which this one knows the other
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

    /** Sets what can be changed while it runs. */
    public void set(String name, String value) {
        client().sql("alter system set " + name + " = '" + value + "'").update();
        client().sql("select pg_reload_conf()").query(Boolean.class).single();
    }

    /** The process of a standby that gets the log from its primary. */
    public String receiver() {
        return client().sql("select pid::text from pg_stat_wal_receiver")
                .query(String.class)
                .single();
    }

    /** Those with which a service uses the database at that address. */
    public static Map<String, String> settings(String url) {
        return Map.of(
                "SPRING_DATASOURCE_URL", url,
                "SPRING_DATASOURCE_USERNAME", "postgres",
                "SPRING_DATASOURCE_PASSWORD", "",
                "USERS_ADMIN_PASSWORD", Api.PASSWORD,
                "USERS_RATE_LIMIT_ENABLED", "false");
    }

    /** The first of them starts the others. */
    private List<ProcessHandle> processes() {
        ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(
                        read(data.resolve("postmaster.pid")).lines().findFirst().orElseThrow()))
                .orElseThrow();
        return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    }

    /** It keeps its connections and answers nobody, until it gets the signal {@code CONT}. */
    public void signal(String name) {
        processes().forEach(process -> run("kill", "-" + name, Long.toString(process.pid())));
    }

    /** As when the process of a connection fails: all others end with it, and are started again by the first. */
    public void crash() {
        String backend = client().sql("select max(pid)::text from pg_stat_activity"
                        + " where backend_type = 'client backend' and pid <> pg_backend_pid()")
                .query(String.class)
                .single();
        run("kill", "-KILL", backend);
    }

    /** As when the machine fails: whatever serves a connection is gone too. */
    public void kill() {
        List<ProcessHandle> all = processes();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(ServiceProcess::end);
        killed = true;
    }

    /** After it was killed, on another port. */
    public PostgresServer startAgain() {
        try {
            postgres.close(); // which releases the lock of its directory
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
