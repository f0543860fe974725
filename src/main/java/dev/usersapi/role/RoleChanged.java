package dev.usersapi.role;

/** The permissions of a role changed, or the role was deleted. */
public record RoleChanged(String name) {}
