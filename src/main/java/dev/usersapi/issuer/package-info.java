/**
 * Other issuers whose tokens are believed, as far as the configuration says what their claims permit.
 */
@ApplicationModule(allowedDependencies = {"auth", "error", "role", "token", "user"})
@NullMarked
package dev.usersapi.issuer;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
