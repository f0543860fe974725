/**
 * Protects the HTTP server against too many connections and against slow clients: it closes the connections that wait
 * longest for their client, and continues to serve the others, health checks included.
 *
 * <p>No library offers this. Tomcat has a connection limit, at which it stops accepting, and time-outs between two bytes,
 * but no time limit for a whole request or response, and Spring Boot only passes these settings on. A rate limiter such as
 * Bucket4j acts on requests that have been read, too late for clients that do not finish theirs. A buffering reverse proxy
 * in front helps, but the service must not depend on one.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package dev.usersapi.overload;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
