package dev.usersapi.failedlogin;

import dev.usersapi.user.UserId;

/** An admin ended the delays between the user's attempts. */
public record FailedLoginsCleared(UserId user) {}
