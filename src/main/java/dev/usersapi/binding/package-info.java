/**
 * Turns JSON bodies and query parameters into validated request records, and reports every fault of a request at once:
 * malformed values, unknown members (with the most similar known name) and violated constraints. It also holds the rules
 * by which the text in these records is normalised, and the constraints on names and e-mail addresses.
 *
 * <p>No library offers this. Jackson 3.1 can collect faults, but stops at the first value of a wrong JSON type and checks
 * no constraints. Spring's data binder collects the faults of query parameters and checks constraints, but ignores unknown
 * parameters and reads no JSON. With both together, body and query would report the same fault in different ways.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.binding;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
