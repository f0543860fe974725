package dev.usersapi.role;

import dev.usersapi.binding.TextNormalizer;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.util.List;

/** The body of a request to create a role. An absent description is empty, and absent permissions are none. */
@SuppressWarnings("NullAway") // null until validated; @NotNull refuses null
record CreateRoleRequest(
        @NotNull(message = "is required")
        @Pattern(
                regexp = Roles.NAME,
                message = "must be 1 to 63 characters of a to z, 0 to 9, _ and -, the first of them a letter")
        String name,

        @RoleDescription String description,
        List<Permission> permissions) {

    CreateRoleRequest {
        description = description == null ? "" : TextNormalizer.trimAndCompose(description);
        permissions = permissions == null ? List.of() : Permission.sorted(permissions);
    }
}
