package dev.usersapi.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;

/** In this instance's memory. */
final class LocalBuckets implements Buckets {

    private final Cache<Limit, Bucket> buckets;

    /**
     * @param most beyond them the least used are dropped
     */
    LocalBuckets(long most) {
        // a bucket that nobody asked for a window long is full again, as a new one would be
        buckets = Caffeine.newBuilder()
                .maximumSize(most)
                .expireAfterAccess(Limit.WINDOW)
                .build();
    }

    @Override
    public ConsumptionProbe take(Limit limit) {
        return buckets.get(
                        limit,
                        unused -> Bucket.builder().addLimit(limit.bandwidth()).build())
                .tryConsumeAndReturnRemaining(1);
    }

    @Override
    public void giveBack(Limit limit) {
        Bucket bucket = buckets.getIfPresent(limit);
        if (bucket != null) {
            bucket.addTokens(1);
        }
    }

    /** How many the memory holds, after what is due to be dropped has been. */
    long size() {
        buckets.cleanUp();
        return buckets.estimatedSize();
    }
}
