package dev.usersapi.user;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A user has another password; not told of the first one that an activation sets.
 *
 * @param keptSession the log-in that changed it and goes on; null where none does
 */
public record PasswordChanged(UserId user, @Nullable UUID keptSession) {}
