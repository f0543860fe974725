package dev.usersapi.ratelimit;

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
 * @param trackedKeys buckets kept in memory; beyond them the least used are dropped
 */
@Validated
@ConfigurationProperties("users.rate-limit")
record RateLimitProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("1000") @Min(1) long user,
        @DefaultValue("300") @Min(1) long address,
        @DefaultValue("10") @Min(1) long login,
        @DefaultValue("100000") @Min(1000) long trackedKeys) {}
