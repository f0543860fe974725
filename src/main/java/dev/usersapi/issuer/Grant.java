package dev.usersapi.issuer;

import dev.usersapi.role.Permission;
import java.util.List;
import java.util.Set;

/** What a value of an issuer's claim permits here; in text {@code value=permission permission}. */
record Grant(String value, Set<Permission> permissions) {

    /** Public for Spring, which converts settings with it. */
    public static Grant of(String text) {
        int middle = text.lastIndexOf('=');
        List<String> names = List.of(text.substring(middle + 1).strip().split("\\s+"));
        Set<Permission> permissions = Permission.known(names);
        if (middle < 1 || permissions.size() < names.size()) {
            throw new IllegalArgumentException("A value of the claim, an equals sign and permissions of this service"
                    + " with spaces between are wanted, such as admin=users:read users:write");
        }
        return new Grant(text.substring(0, middle).strip(), permissions);
    }
}
