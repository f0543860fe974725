package dev.usersapi.apikey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usersapi.apikey.ApiKeyRepository.Identity;
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
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.stereotype.Component;

/** An API key. Whatever begins as one is one, or refused. */
@Component
@Order(0)
class ApiKeyCredential implements BearerTokenAuthenticator {

    private final ApiKeyRepository keys;
    private final PermissionCache callers;
    private final ApiKeyUses uses;
    private final Clock clock;

    /** By hash, so that no secret stays in memory. Holds only what exists or did: unknown keys do not fill it. */
    private final Cache<ByteBuffer, Identity> known =
            Caffeine.newBuilder().maximumSize(10_000).build();

    ApiKeyCredential(ApiKeyRepository keys, PermissionCache callers, ApiKeyUses uses, Clock clock) {
        this.keys = keys;
        this.callers = callers;
        this.uses = uses;
        this.clock = clock;
    }

    private final class KeyHolder implements Caller {

        private final Identity key;

        KeyHolder(Identity key) {
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
                    .flatMap(valid -> callers.find(valid.owner(), valid.id(), () -> keys.findPermissions(valid.id())))
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

    private Identity identity(byte[] hash) {
        Identity remembered = known.getIfPresent(ByteBuffer.wrap(hash));
        if (remembered != null) {
            return remembered;
        }
        Identity found = keys.findByHash(hash).orElseThrow(() -> new InvalidBearerTokenException("Unknown API key"));
        known.put(ByteBuffer.wrap(hash), found);
        return found;
    }
}
