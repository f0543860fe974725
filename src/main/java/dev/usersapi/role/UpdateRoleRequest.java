package dev.usersapi.role;

import dev.usersapi.binding.TextNormalizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A null component was absent and leaves its field as it is.
 *
 * @param name that of the role, so that what was read can be sent back; it does not change
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
