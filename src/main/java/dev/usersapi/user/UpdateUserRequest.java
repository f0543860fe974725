package dev.usersapi.user;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.usersapi.binding.TextNormalizer;
import dev.usersapi.binding.UnsupportedMember;
import dev.usersapi.role.ExistingRole;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The contract's "Update User" body; a null component was absent and leaves its field as it is. */
@JsonIgnoreProperties({"id", "created_at", "updated_at", "last_login"})
@UnsupportedMember(
        member = "password",
        detail = "is set by its owner: with `POST /api/v1/users/me/password`, or by the link that"
                + " `POST /api/v1/users/{user_id}/password-reset` mails")
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
