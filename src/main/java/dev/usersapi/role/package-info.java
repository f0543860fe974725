/**
 * Roles, the permissions that each role grants, and the endpoints that change them. Code checks permissions, never the
 * name of a role, because operators create roles of their own.
 */
@ApplicationModule(allowedDependencies = {"binding", "error", "http", "idempotency"})
@NullMarked
package dev.usersapi.role;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
