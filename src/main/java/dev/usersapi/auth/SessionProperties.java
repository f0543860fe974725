package dev.usersapi.auth;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How long sessions last.
 *
 * @param sessionTtl how long after the log-in a session ends, however often it is refreshed
 */
@Validated
@ConfigurationProperties("users.token")
record SessionProperties(
        @DefaultValue("30d") @DurationMin(minutes = 1) Duration sessionTtl) {}
