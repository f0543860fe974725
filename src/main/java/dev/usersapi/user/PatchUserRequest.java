package dev.usersapi.user;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.usersapi.binding.DisplayName;
import dev.usersapi.binding.EmailAddress;
import dev.usersapi.binding.MergePatch;
import dev.usersapi.binding.MergePatchRequest;
import dev.usersapi.binding.TextNormalizer;
import dev.usersapi.binding.UnsupportedMember;
import dev.usersapi.role.ExistingRole;
import org.jspecify.annotations.Nullable;

/** A JSON Merge Patch (RFC 7396) of a user. Only the settings can be null, which resets them to the defaults. */
@JsonIgnoreProperties({"id", "created_at", "updated_at", "last_login"})
@UnsupportedMember(
        member = "password",
        detail = "can only be set by the user: with `PUT /api/v1/users/me/password`, or with the one-time token that"
                + " `POST /api/v1/users/{user_id}/password-reset` sends by mail")
record PatchUserRequest(
        @EmailAddress @Nullable String email,
        @DisplayName @Nullable String name,
        @ExistingRole @Nullable String role,
        @Nullable UserStatus status,
        @ValidSettings @Nullable MergePatch settings)
        implements MergePatchRequest {

    PatchUserRequest {
        email = TextNormalizer.normalizeEmail(email);
        name = TextNormalizer.trimAndCompose(name);
    }

    /** The update with the same effect on the given user. */
    UpdateUserRequest applyTo(User user) {
        return new UpdateUserRequest(
                email,
                name,
                role,
                status,
                settings == null ? null : settings.applyTo(user.settings().json()));
    }
}
