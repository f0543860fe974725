package dev.usersapi.user;

/**
 * The role, status or password of a user changed, or the user was deleted: what decides whether the user can log in and
 * what the user can do. Cached permissions of the user are stale.
 */
public record AccessChanged(UserId user) {}
