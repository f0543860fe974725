/**
 * How requests are read: strict JSON bodies bound to records, strict query parameters, and every fault of a
 * request found before any of it is acted on.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.http;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
