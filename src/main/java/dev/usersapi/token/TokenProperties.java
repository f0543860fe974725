package dev.usersapi.token;

import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What access tokens say and how long they last.
 *
 * @param issuer {@code iss} of access tokens
 * @param audience {@code aud} of access tokens
 * @param accessTtl how long an access token is valid
 */
@Validated
@ConfigurationProperties("users.token")
record TokenProperties(
        @DefaultValue("users-api") @NotBlank String issuer,
        @DefaultValue("users-api") @NotBlank String audience,
        @DefaultValue("15m") @DurationMin(seconds = 10) Duration accessTtl) {}
