package dev.usersapi.totp;

import jakarta.validation.constraints.NotNull;

record ConfirmTotpRequest(@NotNull(message = "is required") String code) {}
