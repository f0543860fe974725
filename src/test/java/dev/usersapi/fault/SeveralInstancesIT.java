package dev.usersapi.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.nimbusds.jwt.SignedJWT;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Mailbox;
import dev.usersapi.support.OwnDatabase;
import dev.usersapi.support.ReverseProxy;
import dev.usersapi.support.ServiceProcess;
import dev.usersapi.support.TestRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Two instances that share one PostgreSQL and one Redis and start at the same moment on an empty database. */
@ApiTest
@EnabledOnOs({OS.LINUX, OS.MAC}) // signals
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // before any test
class SeveralInstancesIT {

    private static final String USERS = "/api/v1/users";
    private static final String ME = "/api/v1/users/me";
    private static final String SIGNING_KEYS = "/api/v1/signing-keys";
    private static final String FORGOT = "/api/v1/auth/password/forgot";

    @TempDir
    private static Path directory;

    private final List<ServiceProcess> instances = new ArrayList<>();
    private OwnDatabase own;
    private JdbcClient database;
    private TestRedis redis;
    private GreenMail mail;

    @BeforeAll
    void start(@Autowired JdbcConnectionDetails server) {
        own = OwnDatabase.empty(server);
        database = JdbcClient.create(own.dataSource());
        redis = TestRedis.start();
        mail = Mailbox.start(0);
        instances.add(launch());
        instances.add(launch());
        instances.forEach(ServiceProcess::awaitReady);
    }

    @AfterAll
    void stop() {
        instances.forEach(ServiceProcess::close);
        close(mail == null ? null : mail::stop);
        close(redis);
        close(own);
    }

    private static void close(@Nullable AutoCloseable started) {
        try {
            if (started != null) {
                started.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private ServiceProcess launch() {
        Map<String, String> settings = new HashMap<>(own.settings());
        settings.putAll(Map.of(
                "USERS_ADMIN_PASSWORD",
                Api.PASSWORD,
                "USERS_RATE_LIMIT_REDIS_URL",
                redis.url(),
                "USERS_RATE_LIMIT_USER",
                "1000000",
                "USERS_SHUTDOWN_DRAIN",
                "2s",
                "SERVER_FORWARD_HEADERS_STRATEGY",
                "native",
                "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE",
                "5",
                "SPRING_MAIL_HOST",
                "127.0.0.1",
                "SPRING_MAIL_PORT",
                Integer.toString(mail.getSmtp().getPort()),
                "SPRING_MAIL_USERNAME",
                Mailbox.USER,
                "SPRING_MAIL_PASSWORD",
                Mailbox.PASSWORD));
        return ServiceProcess.launch(directory.resolve("data"), settings);
    }

    private Api one() {
        return instances.get(0).api();
    }

    private Api other() {
        return instances.get(1).api();
    }

    /** Sends requests of the same caller to another instance. */
    private static Client at(Api api, Client caller) {
        return api.anonymous().with("Authorization", "Bearer " + caller.token());
    }

    private long count(String sql) {
        return database.sql(sql).query(Long.class).single();
    }

    private static String kid(Client caller) throws ParseException {
        return SignedJWT.parse(caller.token()).getHeader().getKeyID();
    }

    @Test
    void simultaneousStartsMigrateOnceAndCreateOneAdminAndOneSigningKey() {
        assertThat(count("select count(*) from flyway_schema_history where not success"))
                .isZero();
        assertThat(count("select count(*) - count(distinct version) from flyway_schema_history"))
                .isZero();
        assertThat(count("select count(*) from users where email = 'admin@example.com'"))
                .isEqualTo(1);
        assertThat(count("select count(*) from signing_keys where signs_from <= created_at"))
                .isEqualTo(1);
    }

    @Test
    void otherInstanceRefusesRevokedCallersWithinFiveSeconds() {
        Client admin = one().admin();
        Client loggedOut = one().newUser("editor");
        Client deactivated = one().newUser("editor");
        Client demoted = one().newUser("editor");
        Client deleted = one().newUser("editor");
        Client owner = one().newUser("editor");
        Client program = one().program(owner, "users:read");
        String key = owner.get("/api/v1/api-keys").data().get(0).get("id").stringValue();
        List<Client> callers = Stream.of(loggedOut, deactivated, demoted, deleted, program)
                .map(caller -> at(other(), caller))
                .toList();
        assertThat(callers).allMatch(caller -> caller.get(USERS).status() == 200);

        assertThat(loggedOut.send("POST", "/api/v1/auth/logout").status()).isEqualTo(204);
        assertThat(admin.put(USERS + "/" + deactivated.id(), Map.of("status", "inactive"))
                        .status())
                .isEqualTo(200);
        assertThat(admin.put(USERS + "/" + demoted.id(), Map.of("role", "member"))
                        .status())
                .isEqualTo(200);
        assertThat(admin.delete(USERS + "/" + deleted.id()).status()).isEqualTo(200);
        assertThat(owner.delete("/api/v1/api-keys/" + key).status()).isEqualTo(204);

        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(callers)
                        .extracting(caller -> caller.get(USERS).status())
                        .containsExactly(401, 401, 403, 401, 401));
    }

    @Test
    void instancesAcceptTokensOfEachOtherBeforeAndAfterARotation() throws ParseException {
        Client before = one().admin();
        assertThat(at(other(), before).get(ME).status()).isEqualTo(200);

        String next = before.send("POST", SIGNING_KEYS).data().get("kid").stringValue();
        database.sql("update signing_keys set signs_from = now() where id = ?")
                .param(next)
                .update();
        before.get(
                SIGNING_KEYS); // makes this instance read the keys and sign with the new one; the other has not read it

        Client after = one().login("admin@example.com", Api.PASSWORD);
        assertThat(kid(after)).isEqualTo(next).isNotEqualTo(kid(before));
        assertThat(at(other(), after).get(ME).status()).isEqualTo(200);
        Client elsewhere = other().login("admin@example.com", Api.PASSWORD);
        assertThat(kid(elsewhere)).isEqualTo(next);
        assertThat(at(one(), elsewhere).get(ME).status()).isEqualTo(200);
        assertThat(at(other(), before).get(ME).status()).isEqualTo(200);
    }

    @Test
    void eachMailIsSentOnceAndCountsAreCorrectWithTwoInstances() {
        List<String> invited = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            String email = Api.newEmail();
            (n % 2 == 0 ? one() : other()).create("viewer", email);
            invited.add(email);
        }

        await().atMost(Duration.ofSeconds(20))
                .until(() -> count("select count(*) from scheduled_tasks") == 0
                        && count("select count(*) from user_count_deltas") == 0);
        assertThat(invited).allMatch(email -> Mailbox.received(mail, email).size() == 1);
        assertThat(count("select count(*) from user_count_differences")).isZero();
        assertThat(instances).noneMatch(instance -> instance.log().contains(" ERROR "));
    }

    @Test
    void instancesShareRateLimitsAndNoRequestFailsWhenRedisHangs() {
        Client here = one().anonymous().with("X-Forwarded-For", "203.0.113.1");
        Client there = other().anonymous().with("X-Forwarded-For", "203.0.113.1");
        Map<String, String> body = Map.of("email", Api.newEmail());

        List<Integer> statuses = IntStream.range(0, 16)
                .mapToObj(n -> (n % 2 == 0 ? here : there).post(FORGOT, body).status())
                .toList();
        assertThat(statuses.subList(0, 10)).containsOnly(202);
        assertThat(statuses.subList(12, 16)).contains(429); // a token comes back every six seconds
        Client admin = one().admin();
        assertThat(admin.get("/actuator/prometheus").text()).contains("users_rate_limit_shared 1.0");

        int before = outagesOfRedis(); // on a busy machine an answer may have come too late already
        redis.freeze();
        try {
            assertThat(IntStream.range(0, 50)
                            .mapToObj(n -> admin.get(ME).status())
                            .toList())
                    .containsOnly(200);
            assertThat(here.get("/actuator/health/readiness").status()).isEqualTo(200);
            assertThat(admin.get("/actuator/prometheus").text()).contains("users_rate_limit_shared 0.0");
        } finally {
            redis.thaw();
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> admin.get("/actuator/prometheus").text().contains("users_rate_limit_shared 1.0"));
        assertThat(outagesOfRedis()).isEqualTo(before + 1);
    }

    private int outagesOfRedis() {
        return instances.get(0).log().split("each instance counts its own requests", -1).length - 1;
    }

    @Test
    void rollingRestartUnderLoadFailsNoRequest() throws IOException {
        AtomicBoolean stopped = new AtomicBoolean();
        Queue<String> created = new ConcurrentLinkedQueue<>();
        Queue<String> refused = new ConcurrentLinkedQueue<>();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (ReverseProxy proxy = new ReverseProxy()) {
            instances.forEach(instance -> proxy.add(instance.port()));
            await().until(() -> proxy.uses(instances.get(0).port())
                    && proxy.uses(instances.get(1).port()));
            Client admin = proxy.api().admin();
            List<CompletableFuture<Void>> load = IntStream.range(0, 4)
                    .mapToObj(n -> CompletableFuture.runAsync(
                            () -> {
                                while (!stopped.get()) {
                                    work(admin, created, refused);
                                }
                            },
                            threads))
                    .toList();
            awaitMore(created);

            for (int n = 0; n < 2; n++) {
                ServiceProcess next = launch();
                try (ServiceProcess former = instances.set(n, next)) {
                    next.awaitReady();
                    proxy.add(next.port());
                    await().until(() -> proxy.uses(next.port()));
                    Client direct = former.api().anonymous();
                    assertThat(direct.get("/docs").header("Connection")).isNull();
                    former.terminate();
                    await().until(() -> direct.get("/actuator/health/readiness").status() == 503);
                    Answer late = direct.get("/docs");
                    assertThat(late.status()).isEqualTo(200);
                    assertThat(late.header("Connection")).isEqualTo("close");
                    former.exitCode();
                    awaitMore(created);
                }
            }
            stopped.set(true);
            load.forEach(CompletableFuture::join);
            assertThat(proxy.failures()).isEmpty();
        } finally {
            stopped.set(true);
            threads.shutdown();
        }
        assertThat(refused).isEmpty();
        assertThat(database.sql("select email from users where name = 'Rolling'")
                        .query(String.class)
                        .list())
                .containsExactlyInAnyOrderElementsOf(created);
    }

    private static void work(Client admin, Queue<String> created, Queue<String> refused) {
        String email = Api.newEmail();
        Answer creation = admin.post(USERS, Map.of("email", email, "name", "Rolling"));
        if (creation.status() == 201) {
            created.add(email);
        } else {
            refused.add(creation.status() + " " + creation.text());
        }
        Answer reading = admin.get(ME);
        if (reading.status() != 200) {
            refused.add(reading.status() + " " + reading.text());
        }
    }

    private static void awaitMore(Queue<String> created) {
        int before = created.size();
        await().atMost(Duration.ofSeconds(20)).until(() -> created.size() >= before + 50);
    }
}
