package dev.usersapi.token;

import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of access tokens.
 *
 * @param issuer {@code iss} of access tokens
 * @param audience {@code aud} of access tokens
 * @param accessTtl how long an access token is valid
 * @param keyRotation age of the newest signing key at which the next one is created; zero for never
 * @param signingKey a private RSA key in PEM (PKCS#8), or the name of a file with one, to be used instead of generated
 *     keys
 */
@Validated
@ConfigurationProperties("users.token")
record TokenProperties(
        @DefaultValue("users-api") @NotBlank String issuer,
        @DefaultValue("users-api") @NotBlank String audience,
        @DefaultValue("15m") @DurationMin(seconds = 10) Duration accessTtl,
        @DefaultValue("90d") @DurationMin Duration keyRotation,
        @DefaultValue("") String signingKey) {

    /** Omits the key, which is a secret. */
    @Override
    public String toString() {
        return "TokenProperties[" + issuer + ", " + audience + ", " + accessTtl + ", " + keyRotation + "]";
    }
}
