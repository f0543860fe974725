package dev.usersapi.token;

import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What access tokens say, how long they last, and what signs them.
 *
 * @param issuer {@code iss} of access tokens
 * @param audience {@code aud} of access tokens
 * @param accessTtl how long an access token is valid
 * @param keyRotation how old the newest signing key gets before the next one is made; zero for never
 * @param signingKey a private RSA key in PEM (PKCS#8), or the name of a file with one, in place of those that the
 *     service makes
 */
@Validated
@ConfigurationProperties("users.token")
record TokenProperties(
        @DefaultValue("users-api") @NotBlank String issuer,
        @DefaultValue("users-api") @NotBlank String audience,
        @DefaultValue("15m") @DurationMin(seconds = 10) Duration accessTtl,
        @DefaultValue("90d") @DurationMin Duration keyRotation,
        @DefaultValue("") String signingKey) {

    /** Without the key. */
    @Override
    public String toString() {
        return "TokenProperties[" + issuer + ", " + audience + ", " + accessTtl + ", " + keyRotation + "]";
    }
}
