package dev.usersapi.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import dev.usersapi.support.ServiceProcess;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Checks the counts of users after PostgreSQL was killed while clients wrote. */
@EnabledOnOs({OS.LINUX, OS.MAC}) // signals
class CrashIT {

    private static final Map<String, String> SETTINGS =
            Map.of("USERS_ADMIN_PASSWORD", Api.PASSWORD, "USERS_RATE_LIMIT_ENABLED", "false");
    private static final int BATCH = 1500;

    @TempDir
    private Path directory;

    @Test
    void countsAndAcknowledgedUsersSurviveAKillOfPostgres() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path data = directory.resolve("data");
        Queue<String> created = new ConcurrentLinkedQueue<>();
        Queue<String> batches = new ConcurrentLinkedQueue<>();
        try (ServiceProcess service = ServiceProcess.start(data, SETTINGS)) {
            Api.Client admin = service.api().admin();
            List<CompletableFuture<Void>> writers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                writers.add(CompletableFuture.runAsync(() -> create(admin, created)));
            }
            writers.add(CompletableFuture.runAsync(() -> insert(service, batches)));
            int enough = 10 + random.nextInt(20);
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(1 + random.nextInt(50)))
                    .until(() -> created.size() >= enough && batches.size() >= 7);
            ProcessHandle postgres = service.postgres();
            ServiceProcess.end(postgres);
            service.kill();
            writers.forEach(CompletableFuture::join);
        }

        try (ServiceProcess service = ServiceProcess.start(data, SETTINGS);
                SingleConnectionDataSource connection = connect(service)) {
            JdbcClient database = JdbcClient.create(connection);
            assertThat(one(database, "select count(*) from user_count_differences"))
                    .as("seed %d", seed)
                    .isZero();
            assertThat(database.sql("select email from users where name = 'Acknowledged'")
                            .query(String.class)
                            .list())
                    .as("seed %d", seed)
                    .containsAll(created)
                    .doesNotHaveDuplicates();
            assertThat(database.sql("select name from users where role = 'viewer' group by name having count(*) = "
                                    + BATCH)
                            .query(String.class)
                            .list())
                    .as("seed %d", seed)
                    .containsAll(batches);
            assertThat(service.api()
                            .admin()
                            .get("/api/v1/users")
                            .body()
                            .at("/meta/total")
                            .longValue())
                    .isEqualTo(one(database, "select count(*) from users"));
        }
    }

    private static void create(Api.Client admin, Queue<String> created) {
        try {
            while (true) {
                String email = Api.newEmail();
                Api.Answer answer = admin.post(
                        "/api/v1/users", Map.of("email", email, "name", "Acknowledged", "password", Api.PASSWORD));
                if (answer.status() != 201) { // PostgreSQL ended before the service
                    assertThat(answer.code()).isEqualTo("database_unavailable");
                    return;
                }
                created.add(email);
            }
        } catch (UncheckedIOException e) {
            assertThat(created).as("before the service ended").isNotEmpty();
        }
    }

    /** Each batch has enough users to split a block of counts. */
    private static void insert(ServiceProcess service, Queue<String> batches) {
        try (SingleConnectionDataSource connection = connect(service)) {
            JdbcClient database = JdbcClient.create(connection);
            for (int i = 0; true; i++) {
                String batch = "Batch " + i;
                database.sql("""
                                insert into users
                                    (id, email, name, role, status, password_hash, settings, created_at, version)
                                select gen_random_uuid(), gen_random_uuid() || '@example.com', ?, 'viewer', 'pending', '-',
                                    '{}', '2024-02-29Z', 0 from generate_series(1, ?)""").params(batch, BATCH).update();
                batches.add(batch);
            }
        } catch (DataAccessException e) {
            assertThat(batches).as("before PostgreSQL ended").isNotEmpty();
        }
    }

    private static SingleConnectionDataSource connect(ServiceProcess service) {
        return new SingleConnectionDataSource(service.databaseUrl(), "postgres", service.databasePassword(), true);
    }

    private static long one(JdbcClient database, String sql) {
        return database.sql(sql).query(Long.class).single();
    }
}
