/**
 * Users, the main resource of the API: their data and its validation, the rules that say who can change whom, and the first
 * admin. Other features react to changes by listening to the events of this package.
 */
@ApplicationModule(
        allowedDependencies = {"database", "binding", "error", "http", "idempotency", "role", "password", "replica"})
@NullMarked
package dev.usersapi.user;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
