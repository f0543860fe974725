/**
 * What a password must be, and how it is hashed without letting a flood of log-ins take the machine.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.password;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
