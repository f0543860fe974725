package dev.usersapi.issuer;

import dev.usersapi.role.Permission;
import java.util.List;
import java.util.Set;

/**
 * Maps a value of a claim of an issuer to permissions of this service. The text form is
 * {@code value=permission permission}.
 */
record ClaimMapping(String value, Set<Permission> permissions) {

    /** Spring calls this method to convert settings, so it is public. */
    public static ClaimMapping of(String text) {
        int separator = text.lastIndexOf('=');
        List<String> names = List.of(text.substring(separator + 1).strip().split("\\s+"));
        Set<Permission> permissions = Permission.known(names);
        if (separator < 1 || permissions.size() < names.size()) {
            throw new IllegalArgumentException("must be a value of the claim, an equals sign and permissions of this"
                    + " service separated by spaces, such as admin=users:read users:write");
        }
        return new ClaimMapping(text.substring(0, separator).strip(), permissions);
    }
}
