/**
 * Login, sessions and refresh tokens, and the authentication of requests by bearer tokens. JPA stores sessions and refresh
 * tokens; each SQL statement beside it says why it is one.
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
