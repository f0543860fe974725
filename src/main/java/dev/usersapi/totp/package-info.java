/**
 * The second factor: codes of an authenticator app (TOTP, RFC 6238) and recovery codes. Users who have set it up need a
 * code at each login.
 */
@ApplicationModule(
        allowedDependencies = {"binding", "error", "http", "role", "user", "ratelimit", "failedlogin", "mail"})
@NullMarked
package dev.usersapi.totp;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
