package dev.usersapi.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.TestRedis;
import io.github.bucket4j.ConsumptionProbe;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Buckets of two instances in a Redis that becomes unavailable. */
@EnabledOnOs({OS.LINUX, OS.MAC}) // signals
@ExtendWith(OutputCaptureExtension.class)
class SharedBucketsIT {

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static TestRedis redis;

    private final List<SharedBuckets> instances = new ArrayList<>();

    @BeforeAll
    static void start() {
        redis = TestRedis.start();
    }

    @AfterAll
    static void stop() {
        if (redis != null) {
            redis.close();
        }
    }

    @AfterEach
    void close() {
        instances.forEach(SharedBuckets::close);
    }

    private SharedBuckets launch(String url) {
        SharedBuckets instance = new SharedBuckets(new LocalBuckets(1000), RedisURI.create(url));
        instances.add(instance);
        return instance;
    }

    private SharedBuckets instance() {
        SharedBuckets instance = launch(redis.url());
        awaitShared(instance);
        return instance;
    }

    private static void awaitShared(SharedBuckets instance) {
        await().atMost(Duration.ofSeconds(20)).until(instance::isShared);
    }

    private static Limit limit(long quota) {
        return new Limit("login", quota, "192.0.2.1 " + UUID.randomUUID() + "@example.com");
    }

    /** Sends requests for a token at the same time, and counts those that get one. */
    private static long countGranted(int requests, Limit limit, SharedBuckets... instances) {
        ExecutorService threads = Executors.newFixedThreadPool(requests);
        try {
            return IntStream.range(0, requests)
                    .mapToObj(n -> CompletableFuture.supplyAsync(
                            () -> instances[n % instances.length]
                                    .tryConsume(limit)
                                    .isConsumed(),
                            threads))
                    .toList()
                    .stream()
                    .filter(CompletableFuture::join)
                    .count();
        } finally {
            threads.shutdown();
        }
    }

    private static Duration slowest(int takes, SharedBuckets instance) {
        Duration slowest = Duration.ZERO;
        for (int n = 0; n < takes; n++) {
            long start = System.nanoTime();
            assertThat(instance.tryConsume(limit(10)).isConsumed()).isTrue();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            slowest = slowest.compareTo(took) < 0 ? took : slowest;
        }
        return slowest;
    }

    @Test
    void instancesShareOneLimit() {
        SharedBuckets one = instance();
        SharedBuckets other = instance();
        Limit limit = limit(10);

        assertThat(countGranted(64, limit, one, other)).isEqualTo(10);

        ConsumptionProbe refused = other.tryConsume(limit);
        assertThat(refused.isConsumed()).isFalse();
        assertThat(Duration.ofNanos(refused.getNanosToWaitForRefill())).isBetween(Duration.ZERO, Duration.ofSeconds(6));
        assertThat(other.tryConsume(limit(10)).getRemainingTokens()).isEqualTo(9);
        assertThat(one.isShared() && other.isShared()).as("still shared").isTrue();
    }

    @Test
    void refundToOneInstanceCountsForTheOther() {
        SharedBuckets one = instance();
        SharedBuckets other = instance();
        Limit limit = limit(2);
        one.tryConsume(limit);
        one.tryConsume(limit);
        assertThat(other.tryConsume(limit).isConsumed()).isFalse();

        one.refund(limit);

        await().until(() -> other.tryConsume(limit).isConsumed());
        assertThat(one.tryConsume(limit).isConsumed()).isFalse();
    }

    @Test
    void redisKeysHideEmailsAndExpireWhenTheBucketIsFull() {
        SharedBuckets instance = instance();
        Limit soonFull = limit(120);
        Limit later = limit(1);

        instance.tryConsume(soonFull);
        instance.tryConsume(later);

        List<String> keys = redis.ask(commands -> commands.keys("*"));
        assertThat(keys).contains(soonFull.redisKey(), later.redisKey()).allMatch(key -> key.startsWith("users:"));
        assertThat(keys).noneMatch(key -> key.contains("example"));
        long left = redis.ask(commands -> commands.pttl(later.redisKey()));
        assertThat(left).isBetween(50_000L, 62_000L);
        List<String> staying = redis.ask(commands -> commands.keys("*").stream()
                .filter(key -> commands.ttl(key) == -1)
                .toList());
        assertThat(staying).isEmpty();
        await().until(() -> redis.ask(commands -> commands.exists(soonFull.redisKey())) == 0);
        assertThat(instance.tryConsume(soonFull).getRemainingTokens()).isEqualTo(119);
    }

    @Test
    void requestsAboveTheLocalLimitDoNotReachRedis() {
        SharedBuckets instance = instance();
        Limit limit = limit(1);
        instance.tryConsume(limit);
        redis.ask(commands -> commands.configResetstat());

        for (int n = 0; n < 100; n++) {
            assertThat(instance.tryConsume(limit).isConsumed()).isFalse();
        }

        String statistics = redis.ask(commands -> commands.info("commandstats"));
        assertThat(statistics).doesNotContain("cmdstat_get");
    }

    @Test
    void eachInstanceLimitsAloneWhileRedisIsUnavailable(CapturedOutput output) {
        SharedBuckets one = instance();
        SharedBuckets other = instance();
        Limit limit = limit(5);
        assertThat(countGranted(5, limit, one)).isEqualTo(5);
        int warnings = count(output, "is unavailable");
        int notes = count(output, "Rate limits are shared");

        redis.kill();
        try {
            assertThat(countGranted(20, limit, one))
                    .as("without tokens left in memory")
                    .isZero();
            assertThat(countGranted(20, limit, other)).isEqualTo(5);
            assertThat(countGranted(20, limit(5), one)).isEqualTo(5);
            assertThat(slowest(1000, other)).isLessThan(Duration.ofMillis(200));
            assertThat(count(output, "is unavailable") - warnings).isEqualTo(2);
        } finally {
            redis.startAgain();
        }

        awaitShared(one);
        awaitShared(other);
        assertThat(countGranted(20, limit(5), one, other)).isEqualTo(5);
        assertThat(count(output, "Rate limits are shared") - notes).isEqualTo(2);
        assertThat(count(output, "is unavailable") - warnings).isEqualTo(2);
    }

    @Test
    void onlyTheFirstRequestsWaitForARedisThatHangs(CapturedOutput output) {
        SharedBuckets instance = instance();

        redis.freeze();
        try {
            long start = System.nanoTime();
            assertThat(countGranted(64, limit(10), instance)).isEqualTo(10);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
            assertThat(instance.isShared()).isFalse();
            assertThat(output).contains("is unavailable (no answer within 250 ms)");
            // longer than the time-out of an attempt to connect
            long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            while (System.nanoTime() < end) {
                assertThat(slowest(100, instance)).isLessThan(Duration.ofMillis(200));
            }
            assertThat(instance.isShared()).isFalse();
        } finally {
            redis.thaw();
        }

        awaitShared(instance);
    }

    @Test
    void redisThatStartsLaterIsUsed(CapturedOutput output) {
        try (TestRedis later = TestRedis.create()) {
            SharedBuckets instance = launch(later.url());
            assertThat(countGranted(20, limit(5), instance)).isEqualTo(5);
            await().untilAsserted(() ->
                    assertThat(output).contains(later.url().substring(8) + " is unavailable (Connection refused"));

            later.startAgain();

            awaitShared(instance);
        }
    }

    @Test
    void redisThatRefusesToWriteIsNotUsed(CapturedOutput output) {
        SharedBuckets instance = instance();
        redis.ask(commands -> commands.configSet("maxmemory", "1"));
        try {
            assertThat(instance.tryConsume(limit(5)).isConsumed()).isTrue();
            assertThat(instance.isShared()).isFalse();
            await().untilAsserted(() -> assertThat(output).contains("OOM command not allowed"));
            SharedBuckets next = launch(redis.url());
            assertThat(next.tryConsume(limit(5)).isConsumed()).isTrue();
            assertThat(next.isShared()).isFalse();
        } finally {
            redis.ask(commands -> commands.configSet("maxmemory", "0"));
        }

        awaitShared(instance);
    }

    private static int count(CapturedOutput output, String text) {
        return output.getAll().split(text, -1).length - 1;
    }
}
