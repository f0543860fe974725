package dev.usersapi.totp;

import jakarta.validation.constraints.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the second factor.
 *
 * @param issuer name of the service in authenticator apps, without colons, which would end the name there
 */
@Validated
@ConfigurationProperties("users.totp")
record TotpProperties(
        @DefaultValue("users-api") @Pattern(regexp = "[^:]*[^:\\s][^:]*")
        String issuer) {}
