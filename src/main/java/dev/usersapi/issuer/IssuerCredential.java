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

/** A token of an issuer that the operator trusts. Its {@code iss} tells which; all else goes on to other kinds. */
@Component
@Order(0)
class IssuerCredential implements BearerTokenAuthenticator {

    private final Map<String, IssuerTokens> issuers = new HashMap<>();

    /**
     * None of the issuers is asked yet.
     *
     * @throws StartupRefusedException where two are the same, or one is this service
     */
    IssuerCredential(IssuerProperties properties, AccessTokens own, Clock clock) {
        for (TrustedIssuer issuer : properties.trustedIssuers()) {
            String uri = issuer.issuerUri();
            if (uri.equals(own.issuer()) || issuers.put(uri, new IssuerTokens(issuer, clock)) != null) {
                throw new StartupRefusedException(
                        "users.trusted-issuers names " + uri + ", which is this service's own issuer or named twice.",
                        "Name each other issuer once, and leave users.token.issuer to this service.");
            }
        }
    }

    @Override
    public Optional<Caller> authenticate(String text) {
        IssuerTokens issuer = issuers.isEmpty() ? null : issuers.get(claimedIssuer(text));
        if (issuer == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(issuer.holder(text));
        } catch (JwtException e) {
            if (e.getCause() instanceof KeySourceException) {
                throw new InvalidBearerTokenException(
                        "Not known to be valid", new ProblemException(ErrorCode.ISSUER_UNAVAILABLE));
            }
            throw new InvalidBearerTokenException("Not a valid token of the issuer", e);
        }
    }

    /** Not verified: it only tells whose keys to verify with. */
    private static @Nullable String claimedIssuer(String text) {
        try {
            JWTClaimsSet claims = JWTParser.parse(text).getJWTClaimsSet();
            return claims == null ? null : claims.getIssuer();
        } catch (ParseException | IllegalArgumentException e) {
            return null;
        }
    }
}
