/**
 * The check of a password or code that might be a guess: what fails too often has to wait, for a short while each time.
 */
@ApplicationModule(allowedDependencies = {"binding", "error", "http", "password", "role", "user"})
@NullMarked
package dev.usersapi.failedlogin;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
