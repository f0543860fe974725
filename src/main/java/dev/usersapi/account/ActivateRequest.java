package dev.usersapi.account;

import dev.usersapi.binding.TextNormalizer;
import jakarta.validation.constraints.NotNull;
import org.jspecify.annotations.Nullable;

/**
 * Follows an invitation.
 *
 * @param password to be had where none was set; replaces one that was
 */
@SuppressWarnings("NullAway") // null until validated: @NotNull refuses it before any reader sees it
record ActivateRequest(
        @NotNull(message = "is required") String token,
        @Nullable String password) {

    ActivateRequest {
        token = TextNormalizer.trim(token); // pasted from a mail
    }
}
