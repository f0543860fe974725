/**
 * API keys: credentials for programs. A program that sends a key acts for the owner of the key, with those permissions
 * of the key that the owner holds at the time of the request.
 */
@ApplicationModule(allowedDependencies = {"auth", "binding", "error", "http", "idempotency", "mail", "role", "user"})
@NullMarked
package dev.usersapi.apikey;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
