package dev.usersapi.fault;

import dev.usersapi.support.Api;
import dev.usersapi.support.Forwarder;
import dev.usersapi.support.ServiceProcess;
import dev.usersapi.support.TestRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The processes in which {@link FaultIT} causes faults: a service with its embedded PostgreSQL, if possible on a small
 * disk of its own; a Redis; and a second service that uses the same database through connections that can be cut.
 */
final class FaultSite implements AutoCloseable {

    private static final String SIZE = "400m"; // a new cluster and some of its write-ahead log
    private static final String HIGH_LIMIT = "1000000";

    private final Path directory;
    private final Forwarder forwarder = new Forwarder();
    private final TestRedis redis = TestRedis.start();
    private final List<ServiceProcess> killedServices = new ArrayList<>();
    private final Map<String, String> settings;
    private final int forwarded = unusedPort();
    private final @Nullable Path disk;
    private ServiceProcess service;
    private @Nullable ServiceProcess remote;

    FaultSite(Path directory) {
        this.directory = directory;
        this.disk = mount(data()); // the logs of the services stay outside
        this.settings = Map.of(
                "USERS_ADMIN_PASSWORD",
                Api.PASSWORD,
                "USERS_RATE_LIMIT_REDIS_URL",
                redis.url(),
                "USERS_RATE_LIMIT_USER",
                HIGH_LIMIT,
                "USERS_RATE_LIMIT_ADDRESS",
                HIGH_LIMIT,
                "USERS_RATE_LIMIT_LOGIN",
                HIGH_LIMIT,
                "SERVER_PORT",
                Integer.toString(unusedPort()));
        this.service = ServiceProcess.start(data(), settings);
    }

    private Path data() {
        return directory.resolve("data");
    }

    /** Returns null if this process may not mount a file system. */
    private static @Nullable Path mount(Path disk) {
        try {
            Files.createDirectories(disk);
            return run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", disk.toString()) ? disk : null;
        } catch (IOException e) {
            return null; // there is no mount program
        }
    }

    private static boolean run(String... command) throws IOException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Optional<Path> disk() {
        return Optional.ofNullable(disk);
    }

    /** The service with the embedded database. */
    ServiceProcess service() {
        return service;
    }

    /** The service to which clients send their requests during the fault. */
    ServiceProcess serviceAskedDuring(Fault fault) {
        if (fault != Fault.CONNECTIONS_CUT) {
            return service;
        }
        if (remote == null) {
            reconnect();
            Map<String, String> elsewhere = new HashMap<>(settings);
            elsewhere.put("SERVER_PORT", "0");
            elsewhere.put("SPRING_DATASOURCE_URL", "jdbc:postgresql://localhost:" + forwarded + "/postgres");
            elsewhere.put("SPRING_DATASOURCE_USERNAME", "postgres");
            elsewhere.put("SPRING_DATASOURCE_PASSWORD", service.databasePassword());
            remote = ServiceProcess.start(directory.resolve("remote"), elsewhere);
        }
        return remote;
    }

    void killService() {
        service.kill();
        killedServices.add(service);
    }

    void startService() {
        service = ServiceProcess.start(data(), settings);
    }

    TestRedis redis() {
        return redis;
    }

    /** Whether the metrics of the service report shared rate limits. */
    boolean sharesLimits(Api.Client reader) {
        return reader.get("/actuator/prometheus").text().contains("users_rate_limit_shared 1.0");
    }

    void cut() {
        forwarder.cut();
    }

    void reconnect() {
        try {
            forwarder.open(forwarded, service.databasePort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    DataSource dataSource() {
        return new DriverManagerDataSource(service.databaseUrl(), "postgres", service.databasePassword());
    }

    /** The log of all services, including those that were killed. */
    String log() {
        StringBuilder log = new StringBuilder();
        killedServices.forEach(killed -> log.append(killed.log()));
        log.append(service.log());
        if (remote != null) {
            log.append(remote.log());
        }
        return log.toString();
    }

    private static int unusedPort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (remote != null) {
            remote.close();
        }
        service.close();
        redis.close();
        forwarder.close();
        if (disk != null) {
            run("umount", "-l", disk.toString());
        }
    }
}
