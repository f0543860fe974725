package dev.usersapi.account;

import jakarta.validation.constraints.NotNull;

record ResetPasswordRequest(
        @NotNull(message = "is required") String token,
        @NotNull(message = "is required") String password) {}
