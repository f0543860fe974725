/**
 * Who is calling: log-in, sessions, access and refresh tokens, signing keys, the first admin.
 */
@ApplicationModule(allowedDependencies = {"error", "http", "role", "password", "user", "ratelimit"})
@NullMarked
package dev.usersapi.auth;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
