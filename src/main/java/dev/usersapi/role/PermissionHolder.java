package dev.usersapi.role;

import java.util.Set;

/** Somebody who may do something. */
public interface PermissionHolder {

    /** Throws {@link dev.usersapi.error.ProblemException} when the credential has ended. */
    Set<Permission> permissions();
}
