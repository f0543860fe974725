/**
 * What a refused request gets: the one list of error codes, the one writer of problem bodies (RFC 9457), and
 * every place where a failure can surface: controllers, filters, the container, scheduled methods.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package dev.usersapi.error;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
