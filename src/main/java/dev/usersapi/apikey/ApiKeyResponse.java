package dev.usersapi.apikey;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.usersapi.role.Permission;
import dev.usersapi.user.UserResponse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API key as the API shows it.
 *
 * @param prefix the beginning of the secret
 * @param lastUsedAt precise to a minute
 * @param key the secret; present only in the response to its creation
 */
record ApiKeyResponse(
        String id,
        String name,
        String prefix,
        List<Permission> permissions,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String key) {

    static ApiKeyResponse of(ApiKey key) {
        return of(key, null);
    }

    static ApiKeyResponse of(ApiKeyService.Created created) {
        return of(created.key(), created.secret().text());
    }

    private static ApiKeyResponse of(ApiKey key, @Nullable String secret) {
        return new ApiKeyResponse(
                ApiKey.format(key.id()),
                key.name(),
                key.prefix(),
                key.permissions(),
                UserResponse.truncatedToSeconds(key.createdAt()),
                UserResponse.truncatedToSeconds(key.expiresAt()),
                UserResponse.truncatedToSeconds(key.lastUsedAt()),
                secret);
    }
}
