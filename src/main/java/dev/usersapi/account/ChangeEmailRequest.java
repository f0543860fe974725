package dev.usersapi.account;

import dev.usersapi.binding.EmailAddress;
import dev.usersapi.binding.TextNormalizer;
import jakarta.validation.constraints.NotNull;

@SuppressWarnings("NullAway") // null until validated: @NotNull refuses it before any reader sees it
record ChangeEmailRequest(
        @NotNull(message = "is required") @EmailAddress String email,
        @NotNull(message = "is required") String password) {

    ChangeEmailRequest {
        email = TextNormalizer.normalizeEmail(email);
    }
}
