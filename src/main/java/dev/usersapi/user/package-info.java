/**
 * The documented resource: users, who may change them, and the rules that keep them sound. Others learn of
 * changes through the events published here.
 */
@ApplicationModule(
        allowedDependencies = {"database", "binding", "error", "http", "idempotency", "role", "password", "replica"})
@NullMarked
package dev.usersapi.user;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
