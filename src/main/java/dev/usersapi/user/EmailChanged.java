package dev.usersapi.user;

/** The user, or a caller with the permission, changed the user's e-mail. */
public record EmailChanged(UserId user, String formerEmail) {}
