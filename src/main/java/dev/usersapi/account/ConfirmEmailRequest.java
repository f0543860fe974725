package dev.usersapi.account;

import jakarta.validation.constraints.NotNull;

record ConfirmEmailRequest(@NotNull(message = "is required") String token) {}
