package dev.usersapi.role;

import java.util.Set;

/** A caller, seen as a set of permissions. */
public interface PermissionHolder {

    /**
     * Returns the current permissions. May read them from the database, and may record that the credential was used.
     *
     * @throws dev.usersapi.error.ProblemException when the credential is not valid any more
     */
    Set<Permission> permissions();
}
