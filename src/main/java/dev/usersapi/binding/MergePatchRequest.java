package dev.usersapi.binding;

/**
 * Marks a request record that is bound from a JSON Merge Patch (RFC 7396), in which {@code null} removes a member. In other
 * bodies, a member with {@code null} counts as absent.
 */
public interface MergePatchRequest {}
