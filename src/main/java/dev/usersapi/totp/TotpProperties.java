package dev.usersapi.totp;

import jakarta.validation.constraints.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How the second factor is called.
 *
 * @param issuer name of the service in authenticator apps; a colon ends it there
 */
@Validated
@ConfigurationProperties("users.totp")
record TotpProperties(
        @DefaultValue("users-api") @Pattern(regexp = "[^:]*[^:\\s][^:]*")
        String issuer) {}
