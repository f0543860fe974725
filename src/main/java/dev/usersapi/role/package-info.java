/**
 * Roles and the permissions they grant, and who may change them. Code asks for permissions; role names are data.
 */
@ApplicationModule(allowedDependencies = {"binding", "error", "http", "idempotency"})
@NullMarked
package dev.usersapi.role;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
