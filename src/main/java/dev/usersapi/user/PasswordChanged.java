package dev.usersapi.user;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A user's password was replaced. The first password, set at activation, publishes no event.
 *
 * @param keptSession the session that changed the password and does not end; null if all end
 */
public record PasswordChanged(UserId user, @Nullable UUID keptSession) {}
