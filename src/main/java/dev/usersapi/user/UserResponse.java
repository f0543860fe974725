package dev.usersapi.user;

import dev.usersapi.http.EntityTag;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** A user as the contract's "Get User by ID" shows it; the nested shapes are those of its other responses. */
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
                inSeconds(user.createdAt()),
                inSeconds(user.lastLogin()),
                user.settings());
    }

    /** With the entity tag of this shape, which is also good for the answers to changes. */
    record Tagged(UserResponse user, EntityTag tag) {}

    /** Of "Create User". */
    record Created(String id, String email, String name, String role, UserStatus status, Instant createdAt) {

        static Created of(User user) {
            return new Created(
                    user.id().toString(),
                    user.email(),
                    user.name(),
                    user.role(),
                    user.status(),
                    inSeconds(user.createdAt()));
        }
    }

    /** Of "Update User". */
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
                    inSeconds(user.createdAt()),
                    inSeconds(user.updatedAt()));
        }
    }

    /** Of what {@code GET} shows, which a log-in changes without being a change that could be lost. */
    static EntityTag tag(int version, @Nullable Instant lastLogin) {
        return new EntityTag(version, lastLogin == null ? "" : Long.toString(lastLogin.getEpochSecond()));
    }

    /** As every time is shown. */
    @SuppressWarnings("NullAway") // null in, null out
    public static Instant inSeconds(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS);
    }
}
