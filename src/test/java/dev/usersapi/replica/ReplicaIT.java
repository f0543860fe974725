package dev.usersapi.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.Forwarder;
import dev.usersapi.support.PostgresServer;
import dev.usersapi.support.ServiceProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Two instances that read from a standby of their primary. Each test restores the standby. */
@EnabledOnOs({OS.LINUX, OS.MAC}) // signals
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // before any test
class ReplicaIT {

    private static final String USERS = "/api/v1/users";
    private static final String NOT_USED = "The read replica at";
    private static final Pattern READS = Pattern.compile("users_replica_reads_total ([0-9.E]+)");
    private static final Duration LOAD = Duration.ofSeconds(8);
    private static final int CLOSED_PORT = 1;
    private static final int WRITERS = 4;
    private static final int READERS = 4;

    @TempDir
    private static Path directory;

    /** The instances connect to this forwarder, which leads to the server of the test. */
    private final Forwarder replica = new Forwarder();

    private final List<ServiceProcess> instances = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private PostgresServer primary;
    private PostgresServer standby;
    private volatile int target;
    private List<Client> admins;

    @BeforeAll
    void start() throws IOException {
        primary = PostgresServer.start(directory.resolve("primary"));
        standby = primary.startStandby(directory.resolve("standby"), "standby");
        target = standby.port();
        int port = replica.open(() -> target);
        Map<String, String> settings = new HashMap<>(PostgresServer.settings(primary.url()));
        settings.put("USERS_REPLICA_URL", "jdbc:postgresql://localhost:" + port + "/postgres");
        settings.put("LOGGING_LEVEL_DEV_USERSAPI_REPLICA", "debug");
        for (int n = 0; n < 2; n++) {
            instances.add(ServiceProcess.launch(directory.resolve("data"), settings));
        }
        instances.forEach(ServiceProcess::awaitReady);
        admins = instances.stream().map(instance -> instance.api().admin()).toList();
    }

    @AfterAll
    void stop() {
        threads.shutdownNow();
        instances.forEach(ServiceProcess::close);
        replica.close();
        if (standby != null) {
            standby.close();
        }
        if (primary != null) {
            primary.close();
        }
    }

    @BeforeEach
    void awaitReplica() {
        awaitInUse(true);
    }

    private void awaitInUse(boolean expected) {
        String gauge = "users_replica_serving " + (expected ? "1.0" : "0.0");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> admins.stream()
                        .allMatch(admin ->
                                admin.get("/actuator/prometheus").text().contains(gauge)));
    }

    private void pause() {
        standby.client()
                .sql("select pg_wal_replay_pause()::text")
                .query(String.class)
                .single();
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> standby.client()
                        .sql("select pg_get_wal_replay_pause_state()")
                        .query(String.class)
                        .single()
                        .equals("paused"));
    }

    private void resume() {
        standby.client()
                .sql("select pg_wal_replay_resume()::text")
                .query(String.class)
                .single();
    }

    private void connectTo(int port) {
        target = port;
        replica.closeConnections();
    }

    private long countLogLines(String text) {
        return instances
                .get(0)
                .log()
                .lines()
                .filter(line -> line.contains(text))
                .count();
    }

    /** Number of reads that the replica has answered. */
    private long countReplicaReads() {
        long answered = 0;
        for (Client admin : admins) {
            Matcher reads = READS.matcher(admin.get("/actuator/prometheus").text());
            assertThat(reads.find()).isTrue();
            answered += (long) Double.parseDouble(reads.group(1));
        }
        return answered;
    }

    private static String name(Answer answer) {
        return answer.data().get("name").stringValue();
    }

    private String create(Client admin) {
        Answer created = admin.post(USERS, Map.of("email", Api.newEmail(), "name", "Ann Example"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        return USERS + "/" + created.data().get("id").stringValue();
    }

    /** A change by SQL does not wait, so that a read can show the state before it. */
    @Test
    void readsGoToTheReplica() {
        String user = create(admins.get(0));
        await().pollDelay(Duration.ZERO).atMost(Duration.ofSeconds(20)).until(() -> {
            admins.get(0).put(user, Map.of("name", "Before"));
            awaitInUse(true);
            pause();
            try {
                primary.client()
                        .sql("update users set name = 'After' where name = 'Before'")
                        .update();
                return name(admins.get(0).get(user)).equals("Before"); // not if the lease has ended meanwhile
            } finally {
                resume();
            }
        });
        await().until(() -> name(admins.get(0).get(user)).equals("After"));
    }

    @Test
    void everyStatementThatReadsUsersWorksOnTheReplica() {
        String user = create(admins.get(0));
        String next = admins.get(0)
                .get(USERS + "?cursor=&limit=1")
                .body()
                .at("/meta/next_cursor")
                .stringValue();
        List<String> paths = List.of(
                user,
                USERS + "/me",
                USERS,
                USERS + "?page=2&limit=1",
                USERS + "?status=pending&role=viewer,member&sort=created_at",
                USERS + "?email=" + Api.newEmail(),
                USERS + "?q=example&sort=-last_login",
                USERS + "?sort=name&created_after=2020-01-01T00:00:00Z&page=2&limit=1",
                USERS + "?cursor=" + next + "&limit=1");
        long failed = countLogLines("the primary answers instead");

        for (int n = 0; n < 10; n++) { // more than pgjdbc needs before it prepares a statement on the server
            for (String path : paths) {
                await().pollDelay(Duration.ZERO).until(() -> {
                    long before = countReplicaReads();
                    assertThat(admins.get(0).get(path).status()).isEqualTo(200);
                    return countReplicaReads() == before + 1; // not if the lease had ended
                });
            }
        }

        assertThat(countLogLines("the primary answers instead")).isEqualTo(failed);
    }

    @Test
    void everyInstanceShowsAChangeAtOnceWhileReplayIsPaused() {
        pause();
        try {
            Client writer = admins.get(0);
            String email = Api.newEmail();
            Answer created = writer.post(USERS, Map.of("email", email, "name", "One"));
            assertThat(created.status()).isEqualTo(201);
            String user = USERS + "/" + created.data().get("id").stringValue();
            assertEverywhere(user, email, "One");
            assertThat(writer.put(user, Map.of("name", "Two")).status()).isEqualTo(200);
            assertEverywhere(user, email, "Two");
            assertThat(writer.patch(user, Map.of("name", "Three")).status()).isEqualTo(200);
            assertEverywhere(user, email, "Three");
            assertThat(writer.delete(user).status()).isEqualTo(200);
            assertThat(admins)
                    .allMatch(admin -> admin.get(user).status() == 404
                            && admin.get(USERS + "?email=" + email).data().isEmpty());
        } finally {
            resume();
        }
    }

    private void assertEverywhere(String user, String email, String name) {
        for (Client admin : admins) {
            assertThat(name(admin.get(user))).isEqualTo(name);
            assertThat(admin.get(USERS + "?email=" + email)
                            .data()
                            .get(0)
                            .get("name")
                            .stringValue())
                    .isEqualTo(name);
            assertThat(admin.get(USERS + "?limit=1").data().get(0).get("email").stringValue())
                    .isEqualTo(email);
        }
    }

    /** A user that one writer changes, with the newest version that was answered. */
    private static final class Subject {

        private static final int DELETED = Integer.MAX_VALUE;

        private final String path;
        private final String email;
        private final AtomicInteger acknowledged = new AtomicInteger();
        private volatile boolean deleting;

        Subject(String path, String email) {
            this.path = path;
            this.email = email;
        }
    }

    /** Reads and changes go to random instances. */
    @Test
    void noReadMissesAnAnsweredChangeWhileTheReplicaLagsAtRandom() {
        List<Subject> subjects = new CopyOnWriteArrayList<>();
        Queue<String> missed = new ConcurrentLinkedQueue<>();
        AtomicLong changes = new AtomicLong();
        AtomicLong reads = new AtomicLong();
        AtomicBoolean stopped = new AtomicBoolean();
        long seed = System.nanoTime();
        long before = countReplicaReads();
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int n = 0; n < WRITERS; n++) {
            Random random = new Random(seed + n);
            running.add(CompletableFuture.runAsync(
                    () -> {
                        while (!stopped.get()) {
                            changeOneUser(random, subjects, changes);
                        }
                    },
                    threads));
        }
        for (int n = 0; n < READERS; n++) {
            Random random = new Random(~seed - n);
            running.add(CompletableFuture.runAsync(
                    () -> {
                        while (!stopped.get()) {
                            if (!subjects.isEmpty()) {
                                readOneUser(random, subjects.get(random.nextInt(subjects.size())), missed);
                                reads.incrementAndGet();
                            }
                        }
                    },
                    threads));
        }
        Random random = new Random(seed);
        long end = System.nanoTime() + LOAD.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(Duration.ofMillis(random.nextInt(400)).toNanos());
            pause();
            LockSupport.parkNanos(Duration.ofMillis(random.nextInt(400)).toNanos());
            resume();
        }
        stopped.set(true);
        running.forEach(CompletableFuture::join);

        long answered = countReplicaReads() - before;
        assertThat(missed)
                .as("of %d reads and %d changes, seed %d", reads.get(), changes.get(), seed)
                .isEmpty();
        assertThat(changes).hasValueGreaterThan(100);
        assertThat(answered).isBetween(1L, reads.get());
        System.out.printf(
                "%d reads, %d of them from the replica, missed none of %d changes%n",
                reads.get(), answered, changes.get());
    }

    private Client anyInstance(Random random) {
        return admins.get(random.nextInt(admins.size()));
    }

    /** Creates a user, changes it several times and deletes it. */
    private void changeOneUser(Random random, List<Subject> subjects, AtomicLong changes) {
        String email = Api.newEmail();
        Answer created = anyInstance(random).post(USERS, Map.of("email", email, "name", "0"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        Subject subject = new Subject(USERS + "/" + created.data().get("id").stringValue(), email);
        subjects.add(subject);
        int versions = 1 + random.nextInt(10);
        for (int version = 1; version <= versions; version++) {
            Answer changed = anyInstance(random).put(subject.path, Map.of("name", Integer.toString(version)));
            assertThat(changed.status()).as(changed.text()).isEqualTo(200);
            subject.acknowledged.set(version);
        }
        subject.deleting = true;
        assertThat(anyInstance(random).delete(subject.path).status()).isEqualTo(200);
        subject.acknowledged.set(Subject.DELETED);
        changes.addAndGet(versions + 2);
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(50)).toNanos()); // so that readers read the deleted user
        subjects.remove(subject);
    }

    private void readOneUser(Random random, Subject subject, Queue<String> missed) {
        int expected = subject.acknowledged.get();
        int found;
        boolean one = random.nextBoolean();
        if (one) {
            Answer answer = anyInstance(random).get(subject.path);
            found = answer.status() == 200 ? Integer.parseInt(name(answer)) : Subject.DELETED;
        } else {
            Answer answer = anyInstance(random).get(USERS + "?email=" + subject.email);
            found = answer.data().isEmpty()
                    ? Subject.DELETED
                    : Integer.parseInt(answer.data().get(0).get("name").stringValue());
        }
        if (found < expected || (found == Subject.DELETED && !subject.deleting)) {
            missed.add((one ? "user: " : "list: ") + found + " instead of " + expected);
        }
    }

    /** Sends requests to both instances and records failures. */
    private final class Load implements AutoCloseable {

        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final AtomicLong longest = new AtomicLong();
        private final AtomicLong done = new AtomicLong();
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final List<CompletableFuture<Void>> running = IntStream.range(0, 4)
                .mapToObj(n -> CompletableFuture.runAsync(() -> work(new Random(n)), threads))
                .toList();

        private void work(Random random) {
            String user = create(anyInstance(random));
            while (!stopped.get()) {
                int version = random.nextInt();
                Answer change = timed(() -> anyInstance(random).put(user, Map.of("name", "Name " + version)));
                for (int n = 0; n < 10; n++) {
                    Answer read = timed(() -> anyInstance(random).get(user));
                    if (change.status() != 200
                            || read.status() != 200
                            || !name(read).equals("Name " + version)) {
                        failures.add(change.text() + " " + read.text());
                    }
                }
            }
        }

        private Answer timed(Supplier<Answer> request) {
            long begun = System.nanoTime();
            Answer answer = request.get();
            longest.accumulateAndGet(System.nanoTime() - begun, Math::max);
            done.incrementAndGet();
            return answer;
        }

        private void awaitMore() {
            long before = done.get();
            await().atMost(Duration.ofSeconds(20)).until(() -> done.get() > before + 100);
        }

        private void assertNoFailure() {
            awaitMore();
            close();
            assertThat(failures).isEmpty();
            assertThat(Duration.ofNanos(longest.get())).isLessThan(Duration.ofSeconds(4));
        }

        @Override
        public void close() {
            stopped.set(true);
            running.forEach(CompletableFuture::join);
        }
    }

    @Test
    void noRequestFailsWhenTheReplicaFailsAndReadsReturnToIt() {
        long count = countLogLines(NOT_USED);
        try (Load load = new Load()) {
            load.awaitMore();

            standby.kill();
            awaitNotUsed(count + 1);
            load.awaitMore();
            assertThat(admins)
                    .allMatch(admin -> admin.get("/actuator/health/readiness").status() == 200);
            standby = standby.startAgain();
            connectTo(standby.port());
            awaitInUse(true);
            load.awaitMore();
            assertThat(countLogLines(NOT_USED)).isEqualTo(count + 1);

            standby.signal("STOP");
            awaitNotUsed(count + 2);
            load.awaitMore();
            standby.signal("CONT");
            awaitInUse(true);
            assertThat(countLogLines(NOT_USED)).isEqualTo(count + 2);

            standby.crash();
            awaitInUse(true);
            load.assertNoFailure();
        }
    }

    private void awaitNotUsed(long count) {
        awaitInUse(false);
        await().atMost(Duration.ofSeconds(20)).until(() -> countLogLines(NOT_USED) == count);
    }

    @Test
    void aServerThatIsNotAStandbyOfThePrimaryIsNotUsed() {
        try (Load load = new Load()) {
            try (PostgresServer promoted = primary.startStandby(directory.resolve("promoted"), "promoted")) {
                connectTo(promoted.port());
                awaitInUse(true);
                load.awaitMore();
                promoted.client()
                        .sql("select pg_promote()")
                        .query(Boolean.class)
                        .single();
                awaitInUse(false);
                load.awaitMore();
                instances.forEach(
                        instance -> instance.awaitLog("is not used (the replica is not a standby: it accepts writes)"));
            }
            connectTo(primary.port());
            load.awaitMore();
            awaitInUse(false);

            connectTo(CLOSED_PORT);
            load.awaitMore();
            awaitInUse(false);
            load.assertNoFailure();
        } finally {
            connectTo(standby.port());
        }
    }
}
