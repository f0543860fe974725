package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.converter.Converter;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.stereotype.Component;

/** An authenticated request: its caller, with the permissions as authorities, and its session. */
public class CallerAuthentication extends AbstractAuthenticationToken {

    private static final long serialVersionUID = 1L;

    /** Asks the directory each time, which mostly remembers. */
    private record SessionHolder(UserId id, UUID session, CallerDirectory callers) implements Caller {

        @Override
        public Set<Permission> permissions() {
            return callers.find(id, session).orElseThrow(() -> new ProblemException(ErrorCode.INVALID_TOKEN));
        }
    }

    private final transient Caller caller;
    private final UUID session;

    private CallerAuthentication(Caller caller, UUID session, Set<Permission> permissions) {
        super(permissions.stream()
                .map(permission -> new SimpleGrantedAuthority(permission.toString()))
                .toList());
        this.caller = caller;
        this.session = session;
        setAuthenticated(true);
    }

    @Override
    public Caller getPrincipal() {
        return caller;
    }

    /** The text form of the caller's id. */
    @Override
    public String getName() {
        return caller.id().toString();
    }

    @Override
    public String getCredentials() {
        return "";
    }

    UUID session() {
        return session;
    }

    /** From a verified token; refuses it when its session has ended or its user is not active. */
    @Component
    public static class FromToken implements Converter<Jwt, CallerAuthentication> {

        private final CallerDirectory callers;

        FromToken(CallerDirectory callers) {
            this.callers = callers;
        }

        @Override
        public CallerAuthentication convert(Jwt token) {
            UserId user = Optional.ofNullable(token.getSubject())
                    .flatMap(UserId::parse)
                    .orElseThrow(() -> new InvalidBearerTokenException("Not a user's token"));
            UUID session = session(token.getClaimAsString("sid"));
            return callers.find(user, session)
                    .map(permissions ->
                            new CallerAuthentication(new SessionHolder(user, session, callers), session, permissions))
                    .orElseThrow(() -> new InvalidBearerTokenException("The session has ended"));
        }

        private static UUID session(@Nullable String text) {
            try {
                return UUID.fromString(String.valueOf(text));
            } catch (IllegalArgumentException e) {
                throw new InvalidBearerTokenException("Not a session's token", e);
            }
        }
    }
}
