package dev.usersapi.totp;

import jakarta.validation.constraints.NotNull;

record DisableTotpRequest(
        @NotNull(message = "is required") String password,
        @NotNull(message = "is required") String code) {}
