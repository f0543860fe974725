package dev.usersapi.role;

import java.util.List;

/** A role as the API shows it, its permissions sorted. */
record RoleResponse(String name, String description, List<Permission> permissions) {

    static RoleResponse of(Role role) {
        return new RoleResponse(role.name(), role.description(), role.permissions());
    }
}
