package dev.usersapi.account;

import jakarta.validation.constraints.NotNull;

record ChangePasswordRequest(
        @NotNull(message = "is required") String currentPassword,
        @NotNull(message = "is required") String newPassword) {}
