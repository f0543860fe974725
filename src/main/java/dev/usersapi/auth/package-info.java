/**
 * Who is calling: log-in, sessions and their refresh tokens, what each kind of credential permits.
 */
@ApplicationModule(
        allowedDependencies = {
            "database",
            "binding",
            "error",
            "http",
            "role",
            "password",
            "user",
            "ratelimit",
            "token",
            "guessing",
            "mail",
            "totp"
        })
@NullMarked
package dev.usersapi.auth;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
