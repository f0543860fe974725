/**
 * Access tokens: how they are issued and verified, and the life of the keys that sign them.
 */
@ApplicationModule(allowedDependencies = {"error", "idempotency", "user"})
@NullMarked
package dev.usersapi.token;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
