package dev.usersapi.failedlogin;

import dev.usersapi.user.UserId;

/** An admin has ended the delays of the user's logins. */
public record FailedLoginsCleared(UserId user) {}
