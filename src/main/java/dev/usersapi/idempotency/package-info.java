/**
 * Safe retries: a request that is sent again with its {@code Idempotency-Key} changes nothing more and is answered as
 * the first time. Key and change are one transaction, so a crash leaves both or neither.
 */
@ApplicationModule(allowedDependencies = {"error", "http"})
@NullMarked
package dev.usersapi.idempotency;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
