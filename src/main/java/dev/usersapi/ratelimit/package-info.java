/**
 * Token buckets for callers, client addresses and log-in attempts, and the header fields that tell of them. They are in
 * memory, or shared with other instances through Redis, whose absence is no outage.
 */
@ApplicationModule(allowedDependencies = {"error", "http"})
@NullMarked
package dev.usersapi.ratelimit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
