package dev.usersapi.account;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How long links are valid after they were asked for.
 *
 * @param invitationTtl of those that activate an account
 * @param passwordResetTtl of those that set a new password
 * @param emailChangeTtl of those that confirm a new e-mail
 */
@Validated
@ConfigurationProperties("users.link")
record LinkProperties(
        @DefaultValue("72h") @DurationMin(minutes = 1) Duration invitationTtl,
        @DefaultValue("1h") @DurationMin(minutes = 1) Duration passwordResetTtl,
        @DefaultValue("24h") @DurationMin(minutes = 1) Duration emailChangeTtl) {}
