package dev.usersapi.user;

import dev.usersapi.role.Permission;
import java.util.Set;

/** Who makes a request, with what they may do at this moment. */
public record Caller(UserId id, Set<Permission> permissions) {

    boolean has(Permission permission) {
        return permissions.contains(permission);
    }
}
