package dev.usersapi.auth;

import jakarta.validation.constraints.NotNull;

record RefreshRequest(@NotNull(message = "is required") String refreshToken) {}
