/**
 * Reads from a standby, where one is configured, which show every change that was acknowledged before them: an instance
 * reads there while it knows how far the standby has come ({@link dev.usersapi.replica.Lease}), and the answer to a
 * change is held back until no instance can miss the change.
 */
@ApplicationModule(allowedDependencies = {"database", "error"})
@NullMarked
package dev.usersapi.replica;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
