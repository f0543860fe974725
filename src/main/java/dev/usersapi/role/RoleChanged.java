package dev.usersapi.role;

/** What a role permits changed, or the role is gone. */
public record RoleChanged(String name) {}
