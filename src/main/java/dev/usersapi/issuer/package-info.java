/**
 * Trusted issuers: OpenID providers whose access tokens are accepted, with the permissions that the configuration gives
 * for the claims of the tokens.
 */
@ApplicationModule(allowedDependencies = {"auth", "error", "role", "token", "user"})
@NullMarked
package dev.usersapi.issuer;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
