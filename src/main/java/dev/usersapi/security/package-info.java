/**
 * The filter chain: who may call what. The only package that configures Spring Security.
 */
@ApplicationModule(allowedDependencies = {"error", "auth", "role", "ratelimit", "user"})
@NullMarked
package dev.usersapi.security;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
