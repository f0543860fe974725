package dev.usersapi.user;

import dev.usersapi.role.PermissionHolder;
import java.util.Optional;
import java.util.UUID;

/**
 * Who makes a request. What they may do is asked at the moment of the deed, not of the request's arrival: a body can be
 * sent so slowly that the right to send it is gone before it ends.
 */
public interface Caller extends PermissionHolder {

    /** What tells this caller from all others, such as the text of the user's or the API key's id. */
    String name();

    /** The account on whose behalf the call is made; empty for a caller that another issuer vouches for. */
    Optional<UserId> user();

    /** The log-in that the call belongs to; empty for programs, which must not change what guards an account. */
    Optional<UUID> session();

    default boolean is(UserId id) {
        return user().filter(id::equals).isPresent();
    }
}
