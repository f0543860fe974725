package dev.usersapi.error;

import java.time.Duration;
import java.util.List;

/** Refuses the request with an {@link ErrorCode}; nothing but the code and the faults reaches the caller. */
public class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final transient List<Fault> faults;
    private final String explanation;
    private final long retryAfterSeconds;

    public ProblemException(ErrorCode code) {
        this(code, List.of());
    }

    /** With an explanation that fits the request better than the one that the code has in general. */
    public ProblemException(ErrorCode code, String explanation) {
        this(code, explanation, List.of(), code.retryAfterSeconds());
    }

    /** With a time to wait that the code alone does not tell, rounded up to whole seconds. */
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
        super(code.code(), null, false, false); // a refusal is no surprise: no stack trace is read, none is paid for
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

    /** 0 where trying again later makes no difference. */
    long retryAfterSeconds() {
        return retryAfterSeconds;
    }

    public List<Fault> faults() {
        return faults;
    }
}
