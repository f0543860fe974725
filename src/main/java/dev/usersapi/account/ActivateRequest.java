package dev.usersapi.account;

import dev.usersapi.binding.TextNormalizer;
import jakarta.validation.constraints.NotNull;
import org.jspecify.annotations.Nullable;

/**
 * Accepts an invitation.
 *
 * @param password required if the user has none yet; otherwise replaces it
 */
@SuppressWarnings("NullAway") // null until validated: @NotNull refuses it before any reader sees it
record ActivateRequest(
        @NotNull(message = "is required") String token,
        @Nullable String password) {

    ActivateRequest {
        token = TextNormalizer.trim(token); // users may copy spaces with it from the mail
    }
}
