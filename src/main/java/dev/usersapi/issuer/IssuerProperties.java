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
 * The OpenID providers whose access tokens are accepted.
 *
 * @param trustedIssuers empty for none
 */
@Validated
@ConfigurationProperties("users")
record IssuerProperties(@DefaultValue List<@Valid TrustedIssuer> trustedIssuers) {

    /**
     * A trusted issuer.
     *
     * @param issuerUri exactly the {@code iss} claim of its tokens, and the base of the URI of its discovery document
     * @param audience what {@code aud} must contain, so that tokens for other services are refused
     * @param claim the claim that permissions follow from: its name, or names separated by dots for nested claims
     * @param permissions the permissions for values of the claim; other values permit nothing
     */
    @SuppressWarnings("NullAway") // null until validated
    record TrustedIssuer(
            @NotNull(message = "is required")
            @Pattern(
                    regexp = "https://[^\\s?#|]+|http://(localhost|127\\.0\\.0\\.1|\\[::1])([:/][^\\s?#|]*)?",
                    message = "must be an https URI, or an http URI of this machine, without query or fragment")
            String issuerUri,

            @NotBlank(message = "is required, so that only tokens made for this service are accepted")
            String audience,

            @DefaultValue("scope") @NotBlank String claim,

            @NotEmpty(message = "is required, such as admin=users:read users:write")
            List<ClaimMapping> permissions) {}
}
