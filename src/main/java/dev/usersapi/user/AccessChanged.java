package dev.usersapi.user;

/** A user's role, status or password changed, or the user is gone: what was known of their access is stale. */
public record AccessChanged(UserId user) {}
