/**
 * Turns JSON bodies and query parameters into validated request records, and reports every fault of a request at once:
 * malformed values, unknown members (with the most similar known name) and violated constraints. It also holds the rules
 * by which the text in these records is normalised.
 *
 * <p>No library offers this. Jackson can collect some faults since 3.1, but still stops at the first value of a wrong
 * JSON type, and knows neither constraints nor query parameters. Spring's data binder collects faults of query
 * parameters, but accepts unknown and repeated ones, and reads no JSON. Both accept input that this service refuses, such
 * as overlong UTF-8, and report faults without the machine-readable codes of this API.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.binding;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
