package dev.usersapi.account;

import dev.usersapi.password.PasswordPolicy;
import jakarta.validation.constraints.NotNull;

record ChangePasswordRequest(
        @NotNull(message = "is required") String currentPassword,
        @NotNull(message = "is required") String newPassword) {

    boolean keepsPassword() {
        return PasswordPolicy.normalize(newPassword).equals(PasswordPolicy.normalize(currentPassword));
    }
}
