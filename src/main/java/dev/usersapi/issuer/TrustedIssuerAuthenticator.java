package dev.usersapi.issuer;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import dev.usersapi.auth.BearerTokenAuthenticator;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.error.StartupRefusedException;
import dev.usersapi.issuer.IssuerProperties.TrustedIssuer;
import dev.usersapi.token.AccessTokens;
import dev.usersapi.user.Caller;
import java.text.ParseException;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.stereotype.Component;

/** Authenticates requests by access tokens of trusted issuers. The {@code iss} claim selects the issuer. */
@Component
@Order(0)
class TrustedIssuerAuthenticator implements BearerTokenAuthenticator {

    private final Map<String, IssuerTokenVerifier> verifiers = new HashMap<>();

    /**
     * Sends no request to the issuers yet, so that the service starts without them.
     *
     * @throws StartupRefusedException when an issuer is configured twice or is this service itself
     */
    TrustedIssuerAuthenticator(IssuerProperties properties, AccessTokens own, Clock clock) {
        for (TrustedIssuer issuer : properties.trustedIssuers()) {
            String uri = issuer.issuerUri();
            if (uri.equals(own.issuer()) || verifiers.put(uri, new IssuerTokenVerifier(issuer, clock)) != null) {
                throw new StartupRefusedException(
                        "users.trusted-issuers names " + uri
                                + ", which is the issuer of this service itself or is named twice.",
                        "Name each other issuer once, and none with the value of users.token.issuer.");
            }
        }
    }

    @Override
    public Optional<Caller> authenticate(String text) {
        IssuerTokenVerifier verifier = verifiers.isEmpty() ? null : verifiers.get(claimedIssuer(text));
        if (verifier == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(verifier.verify(text));
        } catch (JwtException e) {
            if (e.getCause() instanceof KeySourceException) {
                throw new InvalidBearerTokenException(
                        "The token cannot be verified at present", new ProblemException(ErrorCode.ISSUER_UNAVAILABLE));
            }
            throw new InvalidBearerTokenException("Not a valid token of the issuer", e);
        }
    }

    /** Reads {@code iss} without verification, only to select the keys for the verification. */
    private static @Nullable String claimedIssuer(String text) {
        try {
            JWTClaimsSet claims = JWTParser.parse(text).getJWTClaimsSet();
            return claims == null ? null : claims.getIssuer();
        } catch (ParseException | IllegalArgumentException e) {
            return null;
        }
    }
}
