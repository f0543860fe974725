package dev.usersapi.http;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * On what state of a resource a request depends (RFC 9110 section 13); an argument of a controller's method.
 *
 * <p>{@code If-None-Match} compares the whole tag. {@code If-Match} compares the version alone, where RFC 9110 would have
 * the whole tag compared: it is there so that no change is lost, and what moves without a version, such as the time of
 * the last log-in, is no change that a request could overwrite. Weak tags match as well, although RFC 9110 section 13.1.1
 * asks for the strong comparison: proxies that compress answers weaken our tags, and a version stays a version.
 *
 * <p>There is no time of change to hold against {@code If-Unmodified-Since} and {@code If-Modified-Since}, so both count
 * for nothing (sections 13.1.3 and 13.1.4).
 */
public record Preconditions(
        @Nullable EntityTags ifMatch, @Nullable EntityTags ifNoneMatch, boolean isIfMatchRequired) {

    /**
     * Holds them against what is about to be changed. Called when nothing else speaks against the change any more, under
     * the lock that keeps others from changing it first.
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
     * Whether a reader has this representation already, which is 304.
     *
     * @throws ProblemException with {@link ErrorCode#PRECONDITION_FAILED}
     */
    public boolean isNotModified(EntityTag current) {
        if (ifMatch != null && !ifMatch.includeVersionOf(current)) {
            throw new ProblemException(ErrorCode.PRECONDITION_FAILED);
        }
        return ifNoneMatch != null && ifNoneMatch.include(current);
    }
}
