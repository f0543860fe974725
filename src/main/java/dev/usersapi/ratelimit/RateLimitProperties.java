package dev.usersapi.ratelimit;

import dev.usersapi.error.StartupRefusedException;
import io.lettuce.core.RedisURI;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How much is allowed, and to whom.
 *
 * @param enabled false for benchmarks only
 * @param user requests a minute of one authenticated caller
 * @param address requests a minute from one client address without valid credentials
 * @param login log-in attempts a minute from one address for one e-mail, and as many requests for a mail to it
 * @param redisUrl {@code USERS_RATE_LIMIT_REDIS_URL}: where instances share their limits; empty where each has its own
 * @param trackedKeys buckets kept in memory; beyond them the least used are dropped
 */
@Validated
@ConfigurationProperties("users.rate-limit")
record RateLimitProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("1000") @Min(1) long user,
        @DefaultValue("300") @Min(1) long address,
        @DefaultValue("10") @Min(1) long login,
        @DefaultValue("") String redisUrl,
        @DefaultValue("100000") @Min(1000) long trackedKeys) {

    RateLimitProperties {
        if (!redisUrl.isEmpty() && !isRedis(redisUrl)) {
            throw new StartupRefusedException(
                    "USERS_RATE_LIMIT_REDIS_URL is not the address of a Redis.", // which may hold a password
                    "Write it like redis://host:6379 or redis://user:password@host:6379/0, with rediss: for TLS.");
        }
    }

    private static boolean isRedis(String url) {
        try {
            return url.matches("rediss?://.+")
                    && RedisURI.create(url).getHost() != null
                    && !RedisURI.create(url).getHost().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
