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

/**
 * In Redis, together with other instances; while Redis does not serve, in this instance's memory alone. A request waits
 * for Redis once in an outage: from then on it is looked for in the background, until it serves again.
 */
final class SharedBuckets implements Buckets, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SharedBuckets.class);
    private static final Duration PATIENCE = Duration.ofMillis(250); // of a request
    private static final Duration TIMEOUT = Duration.ofSeconds(2); // where no request waits
    private static final Duration PAUSE = Duration.ofSeconds(2); // between two attempts
    private static final Limit PROBE = new Limit("probe", 1_000_000, "");

    private final LocalBuckets local;
    private final RedisURI uri;
    private final RedisClient client;
    private final AtomicBoolean outage = new AtomicBoolean(); // one that the log has told of
    private volatile @Nullable RedisBuckets redis;
    private volatile boolean closed;

    SharedBuckets(LocalBuckets local, RedisURI uri) {
        this.local = local;
        this.uri = uri;
        uri.setTimeout(TIMEOUT);
        client = RedisClient.create(uri);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(SocketOptions.builder().connectTimeout(TIMEOUT).build())
                .build());
        connect();
    }

    /** Asks the memory first: who gets nothing there has none left in Redis either, and no flood of theirs gets to it. */
    @Override
    public ConsumptionProbe take(Limit limit) {
        ConsumptionProbe own = local.take(limit);
        RedisBuckets connected = redis;
        if (!own.isConsumed() || connected == null) {
            return own;
        }
        try {
            return connected.take(limit).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            leave(connected, "no answer within " + PATIENCE.toMillis() + " ms");
        } catch (ExecutionException | RuntimeException e) {
            leave(connected, reason(e));
        }
        return own;
    }

    @Override
    public void giveBack(Limit limit) {
        local.giveBack(limit);
        RedisBuckets connected = redis;
        if (connected != null) {
            connected.giveBack(limit).exceptionally(e -> null); // nobody waits for it; who takes next notices an outage
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
                .thenCompose(SharedBuckets::tried)
                .whenComplete((serving, failure) -> {
                    if (failure == null) {
                        join(serving);
                    } else {
                        tell(reason(failure));
                        CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                                .execute(this::connect);
                    }
                });
    }

    /** With a token, as a Redis that answers may still refuse to write. */
    private static CompletionStage<RedisBuckets> tried(StatefulRedisConnection<String, byte[]> connection) {
        RedisBuckets buckets = new RedisBuckets(connection, TIMEOUT);
        return buckets.take(PROBE).thenApply(taken -> buckets).whenComplete((serving, failure) -> {
            if (failure != null) {
                buckets.close();
            }
        });
    }

    private synchronized void join(RedisBuckets serving) {
        if (closed) {
            return; // the client takes the connection along
        }
        redis = serving;
        outage.set(false);
        log.info("Rate limits are shared through Redis at {}:{}", uri.getHost(), uri.getPort());
    }

    private void leave(RedisBuckets left, String reason) {
        synchronized (this) {
            if (redis != left) {
                return;
            }
            redis = null;
        }
        left.close();
        tell(reason);
        connect();
    }

    private void tell(String reason) {
        if (!closed && outage.compareAndSet(false, true)) {
            log.warn(
                    "Redis at {}:{} does not serve ({}). Each instance limits rates by itself until it does.",
                    uri.getHost(),
                    uri.getPort(),
                    reason);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
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
