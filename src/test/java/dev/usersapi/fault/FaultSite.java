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
 * What is broken: a service with its PostgreSQL, if possible on a small disk of its own, and a Redis; and another service
 * that reaches the same database by connections that can be cut.
 */
final class FaultSite implements AutoCloseable {

    private static final String SIZE = "400m"; // PostgreSQL fresh from initdb, and some of its log
    private static final String UNREACHED = "1000000";

    private final Path directory;
    private final Forwarder forwarder = new Forwarder();
    private final TestRedis redis = TestRedis.start();
    private final List<ServiceProcess> former = new ArrayList<>();
    private final Map<String, String> settings;
    private final int forwarded = unusedPort();
    private final @Nullable Path disk;
    private ServiceProcess service;
    private @Nullable ServiceProcess remote;

    FaultSite(Path directory) {
        this.directory = directory;
        this.disk = mount(data()); // without the services' logs
        this.settings = Map.of(
                "USERS_ADMIN_PASSWORD",
                Api.PASSWORD,
                "USERS_RATE_LIMIT_REDIS_URL",
                redis.url(),
                "USERS_RATE_LIMIT_USER",
                UNREACHED,
                "USERS_RATE_LIMIT_ADDRESS",
                UNREACHED,
                "USERS_RATE_LIMIT_LOGIN",
                UNREACHED,
                "SERVER_PORT",
                Integer.toString(unusedPort()));
        this.service = ServiceProcess.start(data(), settings);
    }

    private Path data() {
        return directory.resolve("data");
    }

    /** Where this process may not mount there is none. */
    private static @Nullable Path mount(Path disk) {
        try {
            Files.createDirectories(disk);
            return run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", disk.toString()) ? disk : null;
        } catch (IOException e) {
            return null; // no such program here
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

    /** The one with the database. */
    ServiceProcess service() {
        return service;
    }

    /** The one that is asked while this breaks. */
    ServiceProcess asked(Breakage breakage) {
        if (breakage != Breakage.CONNECTIONS_CUT) {
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
        former.add(service);
    }

    void startService() {
        service = ServiceProcess.start(data(), settings);
    }

    TestRedis redis() {
        return redis;
    }

    /** As the service's metrics have it. */
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

    /** Of all services there were. */
    String log() {
        StringBuilder log = new StringBuilder();
        former.forEach(killed -> log.append(killed.log()));
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
