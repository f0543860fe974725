/**
 * What the endpoints share about HTTP: conditional requests with entity tags (RFC 9110 section 13), content negotiation,
 * the route tag of metrics, and the text forms of ids and opaque tokens.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.http;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
