package dev.usersapi.user;

/** A pending user was created. The first admin publishes no event. */
public record UserCreated(UserId user) {}
