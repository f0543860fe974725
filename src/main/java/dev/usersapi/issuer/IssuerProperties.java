package dev.usersapi.issuer;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Who else's tokens are believed.
 *
 * @param trustedIssuers OpenID providers
 */
@Validated
@ConfigurationProperties("users")
record IssuerProperties(@DefaultValue List<@Valid TrustedIssuer> trustedIssuers) {

    /**
     * One of them.
     *
     * @param issuerUri {@code iss} of its tokens to the letter, and where its discovery document is
     * @param audience what {@code aud} must contain: tokens that were made for others are not ours to accept
     * @param claim what tells of permissions: the name of a claim, or names with dots between where claims are nested
     * @param permissions what values of the claim permit; others permit nothing
     */
    @SuppressWarnings("NullAway") // null until validated
    record TrustedIssuer(
            @NotNull(message = "is required")
            @Pattern(
                    regexp = "https://[^\\s?#|]+|http://(localhost|127\\.0\\.0\\.1|\\[::1])([:/][^\\s?#|]*)?",
                    message = "must be an https URI, or an http one of this machine, without query or fragment")
            String issuerUri,

            @NotBlank(message = "is required, so that only tokens made for this service are accepted")
            String audience,

            @DefaultValue("scope") @NotBlank String claim,

            @NotEmpty(message = "is required, such as admin=users:read users:write")
            List<Grant> permissions) {}
}
