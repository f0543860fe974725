package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.docs.DocsIT;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.PostgresServer;
import dev.usersapi.support.Race;
import dev.usersapi.support.ServiceProcess;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** PgBouncer in transaction mode maps the ten connections of the service to three of PostgreSQL. */
class PgBouncerIT {

    private static final int CALLERS = 6;

    @TempDir
    private Path directory;

    @Test
    @EnabledIf(value = "hasPgBouncer", disabledReason = "pgbouncer is not on the PATH")
    void serviceWorksThroughPgBouncerInTransactionMode() throws Exception {
        try (PostgresServer postgres = PostgresServer.start(directory.resolve("postgres"));
                Bouncer bouncer = new Bouncer(postgres.port());
                ServiceProcess service = ServiceProcess.start(directory.resolve("data"), settings(bouncer))) {
            Api api = service.api();
            Race.together(CALLERS, caller -> {
                sendRequests(api);
                return caller;
            });

            assertThat(api.admin().send("POST", "/api/v1/signing-keys").status())
                    .isEqualTo(201);
            await().atMost(Duration.ofSeconds(30)).until(() -> countMails() >= CALLERS);
            JdbcClient database = postgres.client();
            assertThat(queryNumber(database, "select count(*) from user_count_differences"))
                    .isZero();
            assertThat(queryNumber(database, "select count(*) from pg_locks where locktype = 'advisory'"))
                    .isZero();
            assertThat(queryNumber(database, "select count(*) from pg_stat_activity where client_port is not null"))
                    .isLessThanOrEqualTo(4); // with this connection
            assertThat(service.log()).doesNotContain(" ERROR ").doesNotContain("prepared statement");
            service.stop();
        }
    }

    /** Includes requests that take locks, start tasks, avoid cached plans or store answers. */
    private void sendRequests(Api api) {
        Client admin = api.admin();
        Client keyed = admin.with("Idempotency-Key", '"' + UUID.randomUUID().toString() + '"');
        Map<String, String> user = Map.of("email", Api.newEmail(), "name", "Bouncer Example");
        Answer created = keyed.post("/api/v1/users", user);
        assertThat(created.status()).isEqualTo(201);
        assertThat(keyed.post("/api/v1/users", user).data()).isEqualTo(created.data());
        String path = "/api/v1/users/" + created.data().get("id").stringValue();

        String tag = String.valueOf(created.header("ETag"));
        Answer patched = admin.with("If-Match", tag).patch(path, Map.of("settings", Map.of("theme", "dark")));
        assertThat(patched.status()).as(patched.text()).isEqualTo(200);
        assertThat(admin.with("If-Match", tag).delete(path).status()).isEqualTo(412);

        String role = api.newRole("users:read");
        Client reader = api.newUser(role);
        for (int n = 0; n < 10; n++) { // more than pgjdbc needs before it prepares a statement on the server
            for (String query : List.of("", "?page=2&limit=2", "?q=bouncer", "?cursor=&limit=2", "?sort=-last_login")) {
                assertThat(reader.get("/api/v1/users" + query).status()).isEqualTo(200);
            }
        }
        assertThat(api.program(reader, "users:read").get(path).status()).isEqualTo(200);
        assertThat(reader.send("POST", "/api/v1/auth/logout").status()).isEqualTo(204);
        assertThat(reader.get(path).status()).isEqualTo(401);
        assertThat(admin.delete(path).status()).isEqualTo(200);
    }

    private long countMails() throws IOException {
        try (Stream<Path> mails = Files.list(directory.resolve("data").resolve("mail"))) {
            return mails.count();
        }
    }

    private static Map<String, String> settings(Bouncer bouncer) {
        return PostgresServer.settings("jdbc:postgresql://localhost:" + bouncer.port + "/postgres?prepareThreshold=0");
    }

    private static long queryNumber(JdbcClient database, String sql) {
        return database.sql(sql).query(Long.class).single();
    }

    static boolean hasPgBouncer() {
        return DocsIT.isOnPath("pgbouncer");
    }

    private final class Bouncer implements AutoCloseable {

        private final int port;
        private final Process process;

        Bouncer(int postgres) throws IOException {
            try (ServerSocket unused = new ServerSocket(0)) {
                port = unused.getLocalPort();
            }
            Path settings = Files.writeString(directory.resolve("pgbouncer.ini"), """
                    [databases]
                    * = host=127.0.0.1 port=%d user=postgres
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir =
                    auth_type = any
                    pool_mode = transaction
                    default_pool_size = 3
                    ignore_startup_parameters = extra_float_digits
                    """.formatted(postgres, port));
            List<String> command = new ArrayList<>();
            if (LinuxUtils.isUnshareAvailable()) { // pgbouncer refuses to run as root
                command.addAll(List.of("unshare", "-U"));
            }
            command.addAll(List.of("pgbouncer", settings.toString()));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                    .start();
        }

        @Override
        public void close() {
            ServiceProcess.end(process.toHandle());
        }
    }
}
