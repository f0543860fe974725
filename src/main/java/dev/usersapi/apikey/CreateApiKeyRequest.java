package dev.usersapi.apikey;

import dev.usersapi.binding.DisplayName;
import dev.usersapi.binding.TextNormalizer;
import dev.usersapi.role.Permission;
import jakarta.validation.constraints.Future;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Absent permissions are none. Without {@code expires_at} the key is valid until it is deleted. */
@SuppressWarnings("NullAway") // null until validated; @NotNull refuses null
record CreateApiKeyRequest(
        @NotNull(message = "is required") @DisplayName(max = 100)
        String name,

        List<Permission> permissions,
        @Future(message = "must be in the future") @Nullable Instant expiresAt) {

    CreateApiKeyRequest {
        name = TextNormalizer.trimAndCompose(name);
        permissions = permissions == null ? List.of() : Permission.sorted(permissions);
    }
}
