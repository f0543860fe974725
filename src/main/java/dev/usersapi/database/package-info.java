/**
 * The embedded PostgreSQL that serves when no other is configured, and the wait for one that is not there yet.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.database;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
