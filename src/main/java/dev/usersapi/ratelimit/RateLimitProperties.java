package dev.usersapi.ratelimit;

import dev.usersapi.error.StartupRefusedException;
import io.lettuce.core.RedisURI;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The rate limits.
 *
 * @param enabled whether there are limits; false is for benchmarks only
 * @param user requests per minute of one authenticated caller
 * @param address requests per minute from one client address without valid credentials
 * @param login logins per minute from one client address for one e-mail address; also requests per minute that send a mail
 * @param redisUrl Redis through which the instances share their limits; empty if each instance limits alone
 * @param trackedKeys buckets in memory; above this number, the least used are dropped
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
        if (!redisUrl.isEmpty() && !isRedisUrl(redisUrl)) {
            throw new StartupRefusedException(
                    "USERS_RATE_LIMIT_REDIS_URL is not a Redis URL.", // not shown, because it may contain a password
                    "Set it to a URL such as redis://host:6379 or redis://user:password@host:6379/0; rediss: is for TLS.");
        }
    }

    private static boolean isRedisUrl(String url) {
        try {
            return url.matches("rediss?://.+")
                    && RedisURI.create(url).getHost() != null
                    && !RedisURI.create(url).getHost().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
