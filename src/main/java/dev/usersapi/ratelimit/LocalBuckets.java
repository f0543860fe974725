package dev.usersapi.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;

/** Keeps the buckets in the memory of this instance. */
final class LocalBuckets implements Buckets {

    private final Cache<Limit, Bucket> buckets;

    /**
     * @param maxBuckets above this number, the least used buckets are dropped
     */
    LocalBuckets(long maxBuckets) {
        // a bucket without requests for a whole window is as full as a new one
        buckets = Caffeine.newBuilder()
                .maximumSize(maxBuckets)
                .expireAfterAccess(Limit.WINDOW)
                .build();
    }

    @Override
    public ConsumptionProbe tryConsume(Limit limit) {
        return buckets.get(
                        limit,
                        unused -> Bucket.builder().addLimit(limit.bandwidth()).build())
                .tryConsumeAndReturnRemaining(1);
    }

    @Override
    public void refund(Limit limit) {
        Bucket bucket = buckets.getIfPresent(limit);
        if (bucket != null) {
            bucket.addTokens(1);
        }
    }

    /** The number of buckets, after those due have been dropped. */
    long size() {
        buckets.cleanUp();
        return buckets.estimatedSize();
    }
}
