/**
 * Rate limits for callers, client addresses and logins, and the header fields that report them. The token buckets are in
 * memory, or in Redis for all instances together. While Redis is unavailable, each instance uses its memory.
 *
 * <p>Bucket4j counts the tokens, in memory and in Redis. Its Spring Boot starter does not serve here, because it can only
 * skip a limit while Redis is unavailable, and cannot give a token back when the credentials prove valid. Nor does it send
 * the header fields of the IETF draft.
 */
@ApplicationModule(allowedDependencies = {"error", "http"})
@NullMarked
package dev.usersapi.ratelimit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
