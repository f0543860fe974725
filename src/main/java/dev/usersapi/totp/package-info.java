/**
 * The second factor: codes of an authenticator app (TOTP) and recovery codes, asked for at the log-in of who has
 * enrolled.
 */
@ApplicationModule(
        allowedDependencies = {"binding", "error", "http", "role", "user", "ratelimit", "failedlogin", "mail"})
@NullMarked
package dev.usersapi.totp;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
