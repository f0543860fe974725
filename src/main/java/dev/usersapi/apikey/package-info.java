/**
 * API keys: credentials of programs that act for their owner, with no more than some of the owner's permissions.
 */
@ApplicationModule(allowedDependencies = {"auth", "binding", "error", "http", "idempotency", "mail", "role", "user"})
@NullMarked
package dev.usersapi.apikey;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
