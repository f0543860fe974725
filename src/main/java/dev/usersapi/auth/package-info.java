/**
 * Login, sessions and refresh tokens, and the authentication of requests by bearer tokens. JPA stores sessions and
 * refresh tokens. SQL statements serve where many rows change at once or where one round trip must be enough.
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
            "failedlogin",
            "mail",
            "totp"
        })
@NullMarked
package dev.usersapi.auth;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
