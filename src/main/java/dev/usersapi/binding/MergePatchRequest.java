package dev.usersapi.binding;

/**
 * Marks a record whose body is a JSON Merge Patch (RFC 7396). In such a body {@code null} asks to remove a member; in
 * every other body a member that is {@code null} counts as left out.
 */
public interface MergePatchRequest {}
