package dev.usersapi.user;

/** A user has another e-mail, by themself or by an admin. */
public record EmailChanged(UserId user, String formerEmail) {}
