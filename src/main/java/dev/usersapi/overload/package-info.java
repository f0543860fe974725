/**
 * What the HTTP server does when more clients come than it can serve, or clients that keep it waiting: it closes the
 * connections of those who waste them and goes on serving the others, health checks among them.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package dev.usersapi.overload;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
