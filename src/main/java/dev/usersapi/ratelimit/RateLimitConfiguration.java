package dev.usersapi.ratelimit;

import io.lettuce.core.RedisURI;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class RateLimitConfiguration {

    @Bean
    Buckets buckets(RateLimitProperties properties, MeterRegistry meters) {
        LocalBuckets local = new LocalBuckets(properties.trackedKeys());
        if (properties.redisUrl().isEmpty() || !properties.enabled()) {
            return local;
        }
        SharedBuckets shared = new SharedBuckets(local, RedisURI.create(properties.redisUrl()));
        Gauge.builder("users.rate.limit.shared", shared, buckets -> buckets.isShared() ? 1 : 0)
                .description("1 while instances share their limits through Redis, 0 while this instance limits alone")
                .register(meters);
        return shared;
    }
}
