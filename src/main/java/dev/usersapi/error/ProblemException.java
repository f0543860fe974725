package dev.usersapi.error;

import java.time.Duration;
import java.util.List;

/** Refuses the request with an {@link ErrorCode}; nothing but the code and the faults reaches the caller. */
public class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final transient List<Fault> faults;
    private final long retryAfterSeconds;

    public ProblemException(ErrorCode code) {
        this(code, List.of());
    }

    /** With a time to wait that the code alone does not tell, rounded up to whole seconds. */
    public ProblemException(ErrorCode code, Duration retryAfter) {
        this(code, List.of(), Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds()));
    }

    protected ProblemException(ErrorCode code, List<Fault> faults) {
        this(code, faults, code.retryAfterSeconds());
    }

    private ProblemException(ErrorCode code, List<Fault> faults, long retryAfterSeconds) {
        super(code.code(), null, false, false); // a refusal is no surprise: no stack trace is read, none is paid for
        this.code = code;
        this.faults = List.copyOf(faults);
        this.retryAfterSeconds = retryAfterSeconds;
    }

    public ErrorCode code() {
        return code;
    }

    /** 0 where trying again later makes no difference. */
    long retryAfterSeconds() {
        return retryAfterSeconds;
    }

    public List<Fault> faults() {
        return faults;
    }
}
