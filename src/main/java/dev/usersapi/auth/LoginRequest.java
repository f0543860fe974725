package dev.usersapi.auth;

import dev.usersapi.binding.TextNormalizer;
import jakarta.validation.constraints.NotNull;
import org.jspecify.annotations.Nullable;

@SuppressWarnings("NullAway") // null until validated: @NotNull refuses it before any reader sees it
record LoginRequest(
        @NotNull(message = "is required") String email,
        @NotNull(message = "is required") String password,
        @Nullable String code) {

    LoginRequest {
        email = TextNormalizer.normalizeEmail(email);
    }
}
