package dev.usersapi.user;

/** A user was created, pending; not told of the first admin. */
public record UserCreated(UserId user) {}
