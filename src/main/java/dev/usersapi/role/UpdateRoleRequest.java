package dev.usersapi.role;

import dev.usersapi.binding.TextNormalizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request to change a role. What is absent stays as it is.
 *
 * @param name the name of the role, which is accepted so that a response of GET can be sent back, but cannot be changed
 */
record UpdateRoleRequest(
        @Nullable String name,
        @RoleDescription @Nullable String description,
        @Nullable List<Permission> permissions) {

    UpdateRoleRequest {
        description = TextNormalizer.trimAndCompose(description);
        permissions = permissions == null ? null : Permission.sorted(permissions);
    }
}
