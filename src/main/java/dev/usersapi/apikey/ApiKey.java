package dev.usersapi.apikey;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.http.TypeId;
import dev.usersapi.role.Permission;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A key as it is stored, without its hash. */
record ApiKey(
        UUID id,
        String name,
        String prefix,
        List<Permission> permissions,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt) {

    private static final String TYPE = "key";

    /** The text form of an id. */
    static String format(UUID id) {
        return TypeId.format(TYPE, id);
    }

    /** Throws {@link ErrorCode#API_KEY_NOT_FOUND} when the text is not a key's id. */
    static UUID require(String id) {
        return TypeId.require(TYPE, id, ErrorCode.API_KEY_NOT_FOUND, "a key's id");
    }
}
