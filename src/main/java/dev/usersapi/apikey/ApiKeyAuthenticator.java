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

/** Authenticates requests by API key. A token with the prefix of API keys is a valid key or is refused. */
@Component
@Order(0)
class ApiKeyAuthenticator implements BearerTokenAuthenticator {

    private final ApiKeyRepository keys;
    private final JdbcClient database;
    private final PermissionCache permissions;
    private final ApiKeyUseRecorder useRecorder;
    private final Clock clock;

    /** By hash, so that no secret stays in memory. Holds existing and deleted keys; forged ones cannot fill it. */
    private final Cache<ByteBuffer, ApiKey> cache =
            Caffeine.newBuilder().maximumSize(10_000).build();

    ApiKeyAuthenticator(
            ApiKeyRepository keys,
            JdbcClient database,
            PermissionCache permissions,
            ApiKeyUseRecorder useRecorder,
            Clock clock) {
        this.keys = keys;
        this.database = database;
        this.permissions = permissions;
        this.useRecorder = useRecorder;
        this.clock = clock;
    }

    private final class ApiKeyCaller implements Caller {

        private final ApiKey key;

        ApiKeyCaller(ApiKey key) {
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
            if (key.isExpired(clock.instant())) {
                throw new ProblemException(ErrorCode.INVALID_TOKEN);
            }
            Set<Permission> current = permissions
                    .find(key.owner(), key.id(), () -> findPermissions(key.id()))
                    .orElseThrow(() -> new ProblemException(ErrorCode.INVALID_TOKEN));
            useRecorder.recordUse(key.id());
            return current;
        }
    }

    @Override
    public Optional<Caller> authenticate(String token) {
        if (!token.startsWith(ApiKeySecret.PREFIX)) {
            return Optional.empty();
        }
        ApiKeySecret secret = new ApiKeySecret(token);
        if (!secret.isWellFormed()) {
            throw new InvalidBearerTokenException("Not an API key");
        }
        return Optional.of(new ApiKeyCaller(find(secret.hash())));
    }

    /**
     * Returns the permissions of the key that its owner holds now. Empty when the key was deleted or its owner is not
     * active.
     *
     * <p>SQL, because one statement reads key, owner and role, and each active client runs it every few seconds.
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

    private ApiKey find(byte[] hash) {
        ApiKey cached = cache.getIfPresent(ByteBuffer.wrap(hash));
        if (cached != null) {
            return cached;
        }
        ApiKey found = keys.findByHash(hash).orElseThrow(() -> new InvalidBearerTokenException("Unknown API key"));
        cache.put(ByteBuffer.wrap(hash), found);
        return found;
    }
}
