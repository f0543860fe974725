package dev.usersapi.account;

import dev.usersapi.http.Normal;
import jakarta.validation.constraints.NotNull;

@SuppressWarnings("NullAway") // null until validated: @NotNull refuses it before any reader sees it
record ResetPasswordRequest(
        @NotNull(message = "is required") String token,
        @NotNull(message = "is required") String password) {

    ResetPasswordRequest {
        token = Normal.trimmed(token); // pasted from a mail
    }
}
