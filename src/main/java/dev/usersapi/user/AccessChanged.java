package dev.usersapi.user;

/** A user's role, status or password changed, or the user was deleted. Caches of the user's permissions are stale. */
public record AccessChanged(UserId user) {}
