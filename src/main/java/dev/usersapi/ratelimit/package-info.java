/**
 * Token buckets for callers, client addresses and log-in attempts, and the header fields that tell of them.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.ratelimit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
