package dev.usersapi.http;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a request on the state of a resource (RFC 9110 section 13), as an argument of a controller method.
 *
 * <p>{@code If-None-Match} compares whole tags. {@code If-Match} deviates from RFC 9110 in two points. It compares versions
 * only, because its purpose is to prevent lost updates, and members that change without a new version, such as the time of
 * the last login, cannot be overwritten by a request. It also accepts weak tags, because compressing proxies make our tags
 * weak, and the version in them remains valid.
 *
 * <p>{@code If-Unmodified-Since} and {@code If-Modified-Since} are ignored, because representations have no modification
 * date (sections 13.1.3 and 13.1.4).
 */
public record Preconditions(
        @Nullable EntityTags ifMatch, @Nullable EntityTags ifNoneMatch, boolean isIfMatchRequired) {

    /**
     * Checks the conditions for a change. Called after all other checks, while the resource is locked against other changes.
     *
     * @throws ProblemException with {@link ErrorCode#PRECONDITION_FAILED} or {@link ErrorCode#PRECONDITION_REQUIRED}
     */
    public void requireForChange(EntityTag current) {
        if (ifMatch == null && isIfMatchRequired) {
            throw new ProblemException(ErrorCode.PRECONDITION_REQUIRED);
        }
        if (isNotModified(current)) {
            throw new ProblemException(ErrorCode.PRECONDITION_FAILED);
        }
    }

    /**
     * Checks the conditions for a read. Returns true if the client already has this representation, which means 304.
     *
     * @throws ProblemException with {@link ErrorCode#PRECONDITION_FAILED}
     */
    public boolean isNotModified(EntityTag current) {
        if (ifMatch != null && !ifMatch.matchesVersion(current)) {
            throw new ProblemException(ErrorCode.PRECONDITION_FAILED);
        }
        return ifNoneMatch != null && ifNoneMatch.matchesRepresentation(current);
    }
}
