package dev.usersapi.user;

/** A user's e-mail was changed, by the user or by another caller. */
public record EmailChanged(UserId user, String formerEmail) {}
