package dev.usersapi.user;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.usersapi.binding.DisplayName;
import dev.usersapi.binding.EmailAddress;
import dev.usersapi.binding.TextNormalizer;
import dev.usersapi.binding.UnsupportedMember;
import dev.usersapi.role.ExistingRole;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The body of "Update User" in the API specification. A component is null when the member is absent; its field does not change. */
@JsonIgnoreProperties({"id", "created_at", "updated_at", "last_login"})
@UnsupportedMember(
        member = "password",
        detail = "can only be set by the user: with `PUT /api/v1/users/me/password`, or with the one-time token that"
                + " `POST /api/v1/users/{user_id}/password-reset` sends by mail")
record UpdateUserRequest(
        @EmailAddress @Nullable String email,
        @DisplayName @Nullable String name,
        @ExistingRole @Nullable String role,
        @Nullable UserStatus status,
        @ValidSettings @Nullable ObjectNode settings) {

    UpdateUserRequest {
        email = TextNormalizer.normalizeEmail(email);
        name = TextNormalizer.trimAndCompose(name);
    }
}
