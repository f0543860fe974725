package dev.usersapi.role;

import java.util.List;

/** A role as it is stored and answered, its permissions sorted. */
record Role(String name, String description, List<Permission> permissions) {}
