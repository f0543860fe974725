package dev.usersapi.auth;

import dev.usersapi.binding.TextNormalizer;
import jakarta.validation.constraints.NotNull;

@SuppressWarnings("NullAway") // null until validated: @NotNull refuses it before any reader sees it
record RefreshRequest(@NotNull(message = "is required") String refreshToken) {

    RefreshRequest {
        refreshToken = TextNormalizer.trim(refreshToken); // shell scripts may send the line break of a file
    }
}
