package dev.usersapi.account;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How long one-time tokens are valid after they were requested. The properties are named after the links in which mails
 * contain the tokens.
 *
 * @param invitationTtl for the activation of an account
 * @param passwordResetTtl for a new password
 * @param emailChangeTtl for the confirmation of a new e-mail
 */
@Validated
@ConfigurationProperties("users.link")
record OneTimeTokenProperties(
        @DefaultValue("72h") @DurationMin(minutes = 1) Duration invitationTtl,
        @DefaultValue("1h") @DurationMin(minutes = 1) Duration passwordResetTtl,
        @DefaultValue("24h") @DurationMin(minutes = 1) Duration emailChangeTtl) {}
