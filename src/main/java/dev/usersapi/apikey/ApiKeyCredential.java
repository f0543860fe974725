package dev.usersapi.apikey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usersapi.auth.BearerTokenAuthenticator;
import dev.usersapi.auth.PermissionCache;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.stereotype.Component;

/** An API key. Whatever begins as one is one, or refused. */
@Component
@Order(0)
class ApiKeyCredential implements BearerTokenAuthenticator {

    private final ApiKeyRepository keys;
    private final JdbcClient database;
    private final PermissionCache callers;
    private final ApiKeyUses uses;
    private final Clock clock;

    /** By hash, so that no secret stays in memory. Holds only what exists or did: unknown keys do not fill it. */
    private final Cache<ByteBuffer, ApiKey> known =
            Caffeine.newBuilder().maximumSize(10_000).build();

    ApiKeyCredential(
            ApiKeyRepository keys, JdbcClient database, PermissionCache callers, ApiKeyUses uses, Clock clock) {
        this.keys = keys;
        this.database = database;
        this.callers = callers;
        this.uses = uses;
        this.clock = clock;
    }

    private final class KeyHolder implements Caller {

        private final ApiKey key;

        KeyHolder(ApiKey key) {
            this.key = key;
        }

        @Override
        public String name() {
            return ApiKey.format(key.id());
        }

        @Override
        public Optional<UserId> user() {
            return Optional.of(key.owner());
        }

        @Override
        public Optional<UUID> session() {
            return Optional.empty();
        }

        @Override
        public Set<Permission> permissions() {
            boolean expired = key.expiresAt() != null && !key.expiresAt().isAfter(clock.instant());
            Set<Permission> permissions = Optional.of(key)
                    .filter(valid -> !expired)
                    .flatMap(valid -> callers.find(valid.owner(), valid.id(), () -> findPermissions(valid.id())))
                    .orElseThrow(() -> new ProblemException(ErrorCode.INVALID_TOKEN));
            uses.note(key.id());
            return permissions;
        }
    }

    @Override
    public Optional<Caller> authenticate(String token) {
        if (!token.startsWith(ApiKeyText.START)) {
            return Optional.empty();
        }
        ApiKeyText text = new ApiKeyText(token);
        if (!text.isSound()) {
            throw new InvalidBearerTokenException("Not an API key");
        }
        return Optional.of(new KeyHolder(identity(text.hash())));
    }

    /**
     * The permissions of the key that its owner holds now. Empty when the key was deleted or its owner is not active.
     *
     * <p>SQL, because one statement then reads key, owner and role, for almost every request of a client with a key.
     */
    private Optional<Set<Permission>> findPermissions(UUID id) {
        return database.sql("""
                        select array(select permission from role_permissions p
                            where p.role = u.role and p.permission = any (k.permissions)) as permissions
                        from api_keys k join users u on u.id = k.user_id
                        where k.id = ? and u.status = 'active'""")
                .param(id)
                .query((row, number) -> Permission.known(row.getArray("permissions")))
                .optional();
    }

    private ApiKey identity(byte[] hash) {
        ApiKey remembered = known.getIfPresent(ByteBuffer.wrap(hash));
        if (remembered != null) {
            return remembered;
        }
        ApiKey found = keys.findByHash(hash).orElseThrow(() -> new InvalidBearerTokenException("Unknown API key"));
        known.put(ByteBuffer.wrap(hash), found);
        return found;
    }
}
