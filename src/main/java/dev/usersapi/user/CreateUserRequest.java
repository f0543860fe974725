package dev.usersapi.user;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.usersapi.binding.DisplayName;
import dev.usersapi.binding.EmailAddress;
import dev.usersapi.binding.TextNormalizer;
import dev.usersapi.binding.UnsupportedMember;
import dev.usersapi.role.ExistingRole;
import dev.usersapi.role.Roles;
import jakarta.validation.constraints.NotNull;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The body of "Create User" in the API specification. Without a password, the user sets one when they accept the invitation. */
@JsonIgnoreProperties({"id", "created_at", "updated_at", "last_login"})
@UnsupportedMember(
        member = "status",
        detail =
                "cannot be set at creation: a user becomes active by the invitation or by `PUT /api/v1/users/{user_id}`")
@AcceptablePassword
@SuppressWarnings("NullAway") // null only before validation
record CreateUserRequest(
        @NotNull(message = "is required") @EmailAddress String email,
        @NotNull(message = "is required") @DisplayName String name,
        @ExistingRole String role,
        @Nullable String password,
        @ValidSettings @Nullable ObjectNode settings) {

    CreateUserRequest {
        email = TextNormalizer.normalizeEmail(email);
        name = TextNormalizer.trimAndCompose(name);
        role = role == null ? Roles.DEFAULT : role;
    }
}
