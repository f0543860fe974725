package dev.usersapi.auth;

import jakarta.validation.constraints.NotNull;

record LoginRequest(
        @NotNull(message = "is required") String email,
        @NotNull(message = "is required") String password) {}
