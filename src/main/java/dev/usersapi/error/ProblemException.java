package dev.usersapi.error;

import java.time.Duration;
import java.util.List;

/** Refuses a request with an {@link ErrorCode}. The caller sees its texts and the faults, and no exception message. */
public class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final transient List<Fault> faults;
    private final String explanation;
    private final long retryAfterSeconds;

    public ProblemException(ErrorCode code) {
        this(code, List.of());
    }

    /** Replaces the general explanation of the code by one for this request. */
    public ProblemException(ErrorCode code, String explanation) {
        this(code, explanation, List.of(), code.retryAfterSeconds());
    }

    /** Sends {@code Retry-After}, rounded up to whole seconds, in place of the value of the code. */
    public ProblemException(ErrorCode code, Duration retryAfter) {
        this(
                code,
                code.explanation(),
                List.of(),
                Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds()));
    }

    protected ProblemException(ErrorCode code, List<Fault> faults) {
        this(code, code.explanation(), faults, code.retryAfterSeconds());
    }

    private ProblemException(ErrorCode code, String explanation, List<Fault> faults, long retryAfterSeconds) {
        super(code.code(), null, false, false); // without the cost of a stack trace, which nobody reads
        this.code = code;
        this.explanation = explanation;
        this.faults = List.copyOf(faults);
        this.retryAfterSeconds = retryAfterSeconds;
    }

    public ErrorCode code() {
        return code;
    }

    String explanation() {
        return explanation;
    }

    /** Seconds for {@code Retry-After}; 0 for a response without this field. */
    long retryAfterSeconds() {
        return retryAfterSeconds;
    }

    public List<Fault> faults() {
        return faults;
    }
}
