package dev.usersapi.security;

import dev.usersapi.auth.BearerTokenAuthenticator;
import dev.usersapi.auth.CallerAuthentication;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.Caller;
import java.util.List;
import java.util.Optional;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;

/** Asks each kind of {@link BearerTokenAuthenticator} in turn whose token it is. */
final class CallerAuthenticationManager implements AuthenticationManager {

    private final List<BearerTokenAuthenticator> authenticators;

    CallerAuthenticationManager(List<BearerTokenAuthenticator> authenticators) {
        this.authenticators = authenticators;
    }

    @Override
    public Authentication authenticate(Authentication unauthenticated) {
        String token = ((BearerTokenAuthenticationToken) unauthenticated).getToken();
        Caller caller = authenticators.stream()
                .map(authenticator -> authenticator.authenticate(token))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> new InvalidBearerTokenException("Unknown kind of token"));
        try {
            return new CallerAuthentication(caller);
        } catch (ProblemException e) {
            throw new InvalidBearerTokenException("The session or API key has ended", e);
        }
    }
}
