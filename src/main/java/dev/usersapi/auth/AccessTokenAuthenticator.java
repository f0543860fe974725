package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.role.Permission;
import dev.usersapi.token.AccessTokens;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.stereotype.Component;

/** Accepts access tokens of this service. It comes last and refuses every token that no other authenticator accepts. */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
class AccessTokenAuthenticator implements BearerTokenAuthenticator {

    private final AccessTokens tokens;
    private final PermissionCache cache;
    private final SessionUseRecorder useRecorder;
    private final SessionProperties properties;
    private final JdbcClient database;

    AccessTokenAuthenticator(
            AccessTokens tokens,
            PermissionCache cache,
            SessionUseRecorder useRecorder,
            SessionProperties properties,
            JdbcClient database) {
        this.tokens = tokens;
        this.cache = cache;
        this.useRecorder = useRecorder;
        this.properties = properties;
        this.database = database;
    }

    private final class SessionCaller implements Caller {

        private final UserId id;
        private final UUID session;
        private final Instant tokenIssuedAt;

        SessionCaller(UserId id, UUID session, Instant tokenIssuedAt) {
            this.id = id;
            this.session = session;
            this.tokenIssuedAt = tokenIssuedAt;
        }

        @Override
        public String name() {
            return id.toString();
        }

        @Override
        public Optional<UserId> user() {
            return Optional.of(id);
        }

        @Override
        public Optional<UUID> session() {
            return Optional.of(session);
        }

        @Override
        public Set<Permission> permissions() {
            Set<Permission> permissions = cache.find(id, session, () -> findPermissions(id, session))
                    .orElseThrow(() -> new ProblemException(ErrorCode.INVALID_TOKEN));
            useRecorder.recordUse(session, tokenIssuedAt);
            return permissions;
        }
    }

    @Override
    public Optional<Caller> authenticate(String token) {
        Jwt jwt;
        try {
            jwt = tokens.verify(token);
        } catch (JwtException e) {
            throw new InvalidBearerTokenException("Not an access token of this service", e);
        }
        UserId user = Optional.ofNullable(jwt.getSubject())
                .flatMap(UserId::parse)
                .orElseThrow(() -> new InvalidBearerTokenException("The subject is not a user"));
        UUID session = session(jwt.getClaimAsString("sid"));
        return Optional.of(
                new SessionCaller(user, session, Objects.requireNonNullElse(jwt.getIssuedAt(), Instant.EPOCH)));
    }

    private static UUID session(@Nullable String text) {
        try {
            return UUID.fromString(String.valueOf(text));
        } catch (IllegalArgumentException e) {
            throw new InvalidBearerTokenException("The sid claim is not a session", e);
        }
    }

    /** One SQL statement, because it precedes many requests: session, user and role cost a single round trip. */
    private Optional<Set<Permission>> findPermissions(UserId user, UUID session) {
        return database.sql("""
                        select array(select permission from role_permissions p where p.role = u.role) as permissions
                        from sessions s join users u on u.id = s.user_id
                        where s.id = :session and s.user_id = :user and u.status = 'active'
                            and\s""" + SessionRepository.NOT_EXPIRED)
                .param("session", session)
                .param("user", user.value())
                .param("idle", properties.idleSeconds())
                .query((row, number) -> Permission.known(row.getArray("permissions")))
                .optional();
    }
}
