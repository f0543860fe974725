package dev.usersapi.user;

import dev.usersapi.http.EntityTag;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** A user in the response of "Get User by ID" in the API specification. The nested records are for other responses. */
public record UserResponse(
        String id,
        String email,
        String name,
        String role,
        UserStatus status,
        Instant createdAt,
        @Nullable Instant lastLogin,
        UserSettings settings) {

    public static UserResponse of(User user) {
        return new UserResponse(
                user.id().toString(),
                user.email(),
                user.name(),
                user.role(),
                user.status(),
                truncatedToSeconds(user.createdAt()),
                truncatedToSeconds(user.lastLogin()),
                user.settings());
    }

    /** A user, and the entity tag of this representation. */
    record Tagged(UserResponse user, EntityTag tag) {}

    /** The response of "Create User". */
    record Created(String id, String email, String name, String role, UserStatus status, Instant createdAt) {

        static Created of(User user) {
            return new Created(
                    user.id().toString(),
                    user.email(),
                    user.name(),
                    user.role(),
                    user.status(),
                    truncatedToSeconds(user.createdAt()));
        }
    }

    /** The response of "Update User" and of PATCH. */
    record Updated(
            String id,
            String email,
            String name,
            String role,
            UserStatus status,
            Instant createdAt,
            @Nullable Instant updatedAt) {

        static Updated of(User user) {
            return new Updated(
                    user.id().toString(),
                    user.email(),
                    user.name(),
                    user.role(),
                    user.status(),
                    truncatedToSeconds(user.createdAt()),
                    truncatedToSeconds(user.updatedAt()));
        }
    }

    /** The entity tag of what {@code GET} shows. A login changes {@code last_login}, but not the version. */
    static EntityTag tag(int version, @Nullable Instant lastLogin) {
        return new EntityTag(version, lastLogin == null ? "" : Long.toString(lastLogin.getEpochSecond()));
    }

    /** Truncates to seconds, like all times in responses. */
    @SuppressWarnings("NullAway") // null only for null
    public static Instant truncatedToSeconds(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS);
    }
}
