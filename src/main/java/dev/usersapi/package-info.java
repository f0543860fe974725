/** Starts and stops the service, checks its settings, and reports to the operator in the log. */
@NullMarked
package dev.usersapi;

import org.jspecify.annotations.NullMarked;
