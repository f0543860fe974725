package dev.usersapi.account;

import jakarta.validation.constraints.NotNull;
import org.jspecify.annotations.Nullable;

/**
 * Follows an invitation.
 *
 * @param password to be had where none was set; replaces one that was
 */
record ActivateRequest(
        @NotNull(message = "is required") String token,
        @Nullable String password) {}
