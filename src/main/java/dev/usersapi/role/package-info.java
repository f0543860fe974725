/**
 * Roles and the permissions they grant. Code asks for permissions; role names are data.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.role;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
