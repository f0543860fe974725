package dev.usersapi.account;

import dev.usersapi.binding.TextNormalizer;
import jakarta.validation.constraints.NotNull;

@SuppressWarnings("NullAway") // null until validated: @NotNull refuses it before any reader sees it
record ResetPasswordRequest(
        @NotNull(message = "is required") String token,
        @NotNull(message = "is required") String password) {

    ResetPasswordRequest {
        token = TextNormalizer.trim(token); // users may copy spaces with it from the mail
    }
}
