package dev.usersapi.ratelimit;

import io.github.bucket4j.ConsumptionProbe;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * Keeps the buckets in Redis, shared with other instances, or in memory while Redis is unavailable. Only the first requests
 * of an outage wait for Redis. After that, this class reconnects in the background.
 */
final class SharedBuckets implements Buckets, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SharedBuckets.class);
    private static final Duration REQUEST_TIMEOUT = Duration.ofMillis(250); // while an HTTP request waits
    private static final Duration BACKGROUND_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration RECONNECT_DELAY = Duration.ofSeconds(2);
    private static final Limit PROBE = new Limit("probe", 1_000_000, "");

    private final LocalBuckets local;
    private final RedisURI uri;
    private final RedisClient client;
    private final AtomicBoolean outageLogged = new AtomicBoolean();
    private volatile @Nullable RedisBuckets redis;
    private volatile boolean closed;

    SharedBuckets(LocalBuckets local, RedisURI uri) {
        this.local = local;
        this.uri = uri;
        uri.setTimeout(BACKGROUND_TIMEOUT);
        client = RedisClient.create(uri);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(BACKGROUND_TIMEOUT)
                        .build())
                .build());
        connect();
    }

    /** Asks the memory first: requests beyond the local bucket have no token in Redis either, so they are not sent to Redis. */
    @Override
    public ConsumptionProbe tryConsume(Limit limit) {
        ConsumptionProbe inMemory = local.tryConsume(limit);
        RedisBuckets connected = redis;
        if (!inMemory.isConsumed() || connected == null) {
            return inMemory;
        }
        try {
            return connected.tryConsume(limit).get(REQUEST_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            fallBack(connected, "no answer within " + REQUEST_TIMEOUT.toMillis() + " ms");
        } catch (ExecutionException | RuntimeException e) {
            fallBack(connected, reason(e));
        }
        return inMemory;
    }

    @Override
    public void refund(Limit limit) {
        local.refund(limit);
        RedisBuckets connected = redis;
        if (connected != null) {
            connected.refund(limit).exceptionally(e -> null); // the next request for a token detects an outage
        }
    }

    boolean isShared() {
        return redis != null;
    }

    private synchronized void connect() {
        if (closed) {
            return;
        }
        CompletionStage<RedisBuckets> unused = client.connectAsync(RedisBuckets.CODEC, uri)
                .thenCompose(SharedBuckets::probe)
                .whenComplete((serving, failure) -> {
                    if (failure == null) {
                        use(serving);
                    } else {
                        warnOnce(reason(failure));
                        CompletableFuture.delayedExecutor(RECONNECT_DELAY.toMillis(), TimeUnit.MILLISECONDS)
                                .execute(this::connect);
                    }
                });
    }

    /** Takes a token as a test, because a Redis that answers may still refuse to write. */
    private static CompletionStage<RedisBuckets> probe(StatefulRedisConnection<String, byte[]> connection) {
        RedisBuckets buckets = new RedisBuckets(connection, BACKGROUND_TIMEOUT);
        return buckets.tryConsume(PROBE).thenApply(taken -> buckets).whenComplete((serving, failure) -> {
            if (failure != null) {
                buckets.close();
            }
        });
    }

    private synchronized void use(RedisBuckets serving) {
        if (closed) {
            return; // closing the client closes this connection
        }
        redis = serving;
        outageLogged.set(false);
        log.info("Rate limits are shared through Redis at {}:{}", uri.getHost(), uri.getPort());
    }

    private void fallBack(RedisBuckets failed, String reason) {
        synchronized (this) {
            if (redis != failed) {
                return;
            }
            redis = null;
        }
        failed.close();
        warnOnce(reason);
        connect();
    }

    private void warnOnce(String reason) {
        if (!closed && outageLogged.compareAndSet(false, true)) {
            log.warn(
                    "Redis at {}:{} is unavailable ({}). Until it is back, each instance counts its own requests.",
                    uri.getHost(),
                    uri.getPort(),
                    reason);
        }
    }

    private static String reason(Throwable failure) {
        return String.valueOf(NestedExceptionUtils.getMostSpecificCause(failure).getMessage());
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            redis = null;
        }
        client.shutdown();
    }
}
