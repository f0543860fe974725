/**
 * Slows down the guessing of passwords and codes: after some failed logins, the next attempt must wait for a short time
 * (throttling, NIST SP 800-63B). The counts are written by single SQL statements, because they must be atomic across
 * instances.
 */
@ApplicationModule(allowedDependencies = {"binding", "error", "http", "password", "role", "user"})
@NullMarked
package dev.usersapi.failedlogin;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
