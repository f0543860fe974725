/**
 * Safe retries: a request that repeats an {@code Idempotency-Key} changes nothing and gets the response of the first request.
 * The key and the change are committed in one transaction, so that a crash leaves both or neither.
 *
 * <p>No library serves here. Spring offers nothing for this header. A servlet filter that records responses, as libraries
 * do, stores the key in a transaction of its own, so a crash can separate it from the change. It also stores responses in
 * plain text, while here only the holder of the key can decrypt them.
 */
@ApplicationModule(allowedDependencies = {"error", "http"})
@NullMarked
package dev.usersapi.idempotency;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
