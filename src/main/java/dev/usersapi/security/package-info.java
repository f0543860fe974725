/**
 * The filter chain of Spring Security: which bearer tokens authenticate a caller, which permission each path needs, and
 * which browser pages may call. No other package configures Spring Security.
 */
@ApplicationModule(allowedDependencies = {"error", "auth", "role", "ratelimit", "user"})
@NullMarked
package dev.usersapi.security;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
