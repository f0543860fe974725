package dev.usersapi.auth;

import dev.usersapi.user.Caller;
import java.util.Optional;

/** Authenticates one kind of bearer token: access tokens of this service, API keys, or tokens of trusted issuers. */
public interface BearerTokenAuthenticator {

    /**
     * The caller; empty if the token is of another kind.
     *
     * @throws org.springframework.security.core.AuthenticationException if the token is of this kind and not valid
     */
    Optional<Caller> authenticate(String token);
}
