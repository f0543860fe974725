package dev.usersapi.role;

import java.util.Set;

/** A caller, seen as a set of permissions. */
public interface PermissionHolder {

    /** Throws {@link dev.usersapi.error.ProblemException} when the credential is not valid any more. */
    Set<Permission> permissions();
}
