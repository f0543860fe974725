/**
 * Access tokens: what signs them, what is in them, and who verifies them.
 */
@ApplicationModule(allowedDependencies = {"error", "idempotency", "role", "user"})
@NullMarked
package dev.usersapi.token;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
