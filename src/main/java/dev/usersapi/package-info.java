/** Starts the service and tells its operator where everything is. */
@NullMarked
package dev.usersapi;

import org.jspecify.annotations.NullMarked;
