package dev.usersapi.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Keeps the buckets in Redis, through one connection. A bucket expires there soon after it is full again. */
final class RedisBuckets {

    static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE);

    private final StatefulRedisConnection<String, byte[]> connection;
    private final AsyncProxyManager<String> manager;
    private final Cache<Limit, AsyncBucketProxy> buckets =
            Caffeine.newBuilder().maximumSize(1000).build();

    /**
     * @param timeout for each request to Redis
     */
    RedisBuckets(StatefulRedisConnection<String, byte[]> connection, Duration timeout) {
        this.connection = connection;
        this.manager = Bucket4jLettuce.casBasedBuilder(connection)
                .expirationAfterWrite(
                        ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(1)))
                .requestTimeout(timeout)
                .build()
                .asAsync();
    }

    CompletableFuture<ConsumptionProbe> tryConsume(Limit limit) {
        return bucket(limit).tryConsumeAndReturnRemaining(1);
    }

    CompletableFuture<Void> refund(Limit limit) {
        return bucket(limit).addTokens(1);
    }

    /**
     * One proxy for all threads, which sends their simultaneous requests to Redis as one batch. Separate requests would
     * repeat their compare-and-swap against each other: with a hundred threads, the last one waited two seconds.
     */
    private AsyncBucketProxy bucket(Limit limit) {
        return buckets.get(limit, unused -> {
            BucketConfiguration configuration =
                    BucketConfiguration.builder().addLimit(limit.bandwidth()).build();
            return manager.builder()
                    .withOptimization(Optimizations.batching())
                    .build(limit.redisKey(), () -> CompletableFuture.completedFuture(configuration));
        });
    }

    /** Closes the connection. Pending requests fail. */
    void close() {
        CompletableFuture<Void> unused = connection.closeAsync();
    }
}
