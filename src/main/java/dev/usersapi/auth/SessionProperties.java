package dev.usersapi.auth;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How long sessions last.
 *
 * @param sessionTtl how long after the login a session ends, even if it is refreshed
 * @param sessionIdleTtl how long after its last use a session ends, accurate to a minute
 */
@Validated
@ConfigurationProperties("users.token")
record SessionProperties(
        @DefaultValue("30d") @DurationMin(minutes = 1) Duration sessionTtl,
        @DefaultValue("14d") @DurationMin(minutes = 5) Duration sessionIdleTtl) {

    /** The parameter {@code idle} of {@link SessionRepository#NOT_EXPIRED}. */
    long idleSeconds() {
        return sessionIdleTtl.toSeconds();
    }
}
