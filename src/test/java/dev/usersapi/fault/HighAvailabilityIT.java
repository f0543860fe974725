package dev.usersapi.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import dev.usersapi.support.PostgresServer;
import dev.usersapi.support.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A primary and its synchronous standby, set up like those of src/docs/high-availability.md, but without pg_basebackup. */
@EnabledOnOs({OS.LINUX, OS.MAC}) // signals
class HighAvailabilityIT {

    private static final int WRITERS = 4;

    @TempDir
    private Path directory;

    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopped = new AtomicBoolean();

    @Test
    void promotedStandbyHasAllAcknowledgedWritesAndTheServiceUsesIt() {
        try (PostgresServer primary = PostgresServer.start(directory.resolve("primary"));
                PostgresServer standby = primary.startStandby(directory.resolve("standby"), "standby");
                ServiceProcess service = ServiceProcess.start(directory.resolve("data"), settings(primary, standby))) {
            primary.set("synchronous_standby_names", "standby");
            await().until(() -> primary.client()
                    .sql("select sync_state from pg_stat_replication")
                    .query(String.class)
                    .list()
                    .equals(List.of("sync")));
            Api.Client admin = service.api().admin();
            List<CompletableFuture<Void>> writers = IntStream.range(0, WRITERS)
                    .mapToObj(writer -> CompletableFuture.runAsync(() -> write(admin)))
                    .toList();
            await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() >= 50);

            // the standby stops receiving: a write that is acknowledged without it would be lost now
            String receiver = standby.receiver();
            PostgresServer.run("kill", "-STOP", receiver);
            AtomicInteger before = new AtomicInteger(-1);
            await().pollInterval(Duration.ofSeconds(1))
                    .until(() -> before.getAndSet(acknowledged.size()) == acknowledged.size());
            primary.kill();
            PostgresServer.run("kill", "-CONT", receiver);
            service.awaitLog("The database does not answer"); // the driver has tried the standby and found it read-only
            JdbcClient promoted = standby.client();
            assertThat(promoted.sql("select pg_promote()").query(Boolean.class).single())
                    .isTrue();
            long writable = System.nanoTime();

            await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.size() > before.get());
            System.out.printf(
                    "A write was acknowledged %d ms after the standby's promotion%n",
                    Duration.ofNanos(System.nanoTime() - writable).toMillis());
            await().until(() -> acknowledged.size() >= before.get() + 20);
            stopped.set(true);
            writers.forEach(CompletableFuture::join);
            assertUsersAndCountsAreComplete(promoted);
            assertThat(service.api().admin().get("/actuator/health/readiness").status())
                    .isEqualTo(200);
            service.stop();
        }
    }

    private static Map<String, String> settings(PostgresServer primary, PostgresServer standby) {
        return PostgresServer.settings("jdbc:postgresql://localhost:" + primary.port() + ",localhost:" + standby.port()
                + "/postgres?targetServerType=primary");
    }

    private void assertUsersAndCountsAreComplete(JdbcClient database) {
        assertThat(database.sql("select email from users").query(String.class).list())
                .containsAll(acknowledged)
                .doesNotHaveDuplicates();
        assertThat(database.sql("select count(*) from user_count_differences")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    private void write(Api.Client admin) {
        while (!stopped.get()) {
            String email = Api.newEmail();
            Api.Answer answer = admin.post("/api/v1/users", Map.of("email", email, "name", "Ann Example"));
            if (answer.status() == 201) {
                acknowledged.add(email);
            } else {
                assertThat(answer.code()).isEqualTo("database_unavailable");
            }
        }
    }
}
