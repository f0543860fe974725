package dev.usersapi.user;

import dev.usersapi.role.PermissionHolder;
import java.util.Optional;
import java.util.UUID;

/**
 * An authenticated client of the API. {@link #permissions} reads the current permissions at each call: a request body can
 * arrive so slowly that the permissions change before it is complete.
 */
public interface Caller extends PermissionHolder {

    /** A unique name of the caller, such as the id of the user or of the API key. */
    String name();

    /** The user on whose behalf the caller acts; empty for a caller with an access token of a trusted issuer. */
    Optional<UserId> user();

    /** The session of a user who logged in; empty for other callers, which cannot change how a user logs in. */
    Optional<UUID> session();

    default boolean is(UserId id) {
        return user().filter(id::equals).isPresent();
    }
}
