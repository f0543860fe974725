package dev.usersapi.totp;

import jakarta.validation.constraints.NotNull;

record EnrolTotpRequest(@NotNull(message = "is required") String password) {}
