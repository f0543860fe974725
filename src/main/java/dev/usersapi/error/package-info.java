/**
 * Errors: the list of all error codes, the writer of all error bodies (problem details, RFC 9457), and the handlers of
 * exceptions in controllers, filters, Tomcat and scheduled methods.
 *
 * <p>Spring's {@code ProblemDetail} is not used, because its {@code instance} must be a valid URI, but the path of a
 * refused request may be invalid, and because Tomcat's own errors never reach Spring.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package dev.usersapi.error;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
