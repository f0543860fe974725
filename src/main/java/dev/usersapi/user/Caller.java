package dev.usersapi.user;

import dev.usersapi.role.Permission;
import java.util.Set;

/**
 * Who makes a request. What they may do is asked at the moment of the deed, not of the request's arrival: a body can be
 * sent so slowly that the right to send it is gone before it ends.
 */
public interface Caller {

    UserId id();

    /** Throws {@link dev.usersapi.error.ProblemException} when the session has ended. */
    Set<Permission> permissions();
}
