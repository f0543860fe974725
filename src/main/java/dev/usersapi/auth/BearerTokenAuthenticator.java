package dev.usersapi.auth;

import dev.usersapi.user.Caller;
import java.util.Optional;

/** One kind of what can be sent as {@code Authorization: Bearer}. */
public interface BearerTokenAuthenticator {

    /**
     * Who sent it; empty where the text is of another kind.
     *
     * @throws org.springframework.security.core.AuthenticationException where it is of this kind and not valid
     */
    Optional<Caller> authenticate(String token);
}
