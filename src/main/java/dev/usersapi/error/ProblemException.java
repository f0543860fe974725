package dev.usersapi.error;

import java.util.List;

/** Refuses the request with an {@link ErrorCode}; nothing but the code and the faults reaches the caller. */
public class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final transient List<Fault> faults;

    public ProblemException(ErrorCode code) {
        this(code, List.of());
    }

    protected ProblemException(ErrorCode code, List<Fault> faults) {
        super(code.code(), null, false, false); // a refusal is no surprise: no stack trace is read, none is paid for
        this.code = code;
        this.faults = List.copyOf(faults);
    }

    public ErrorCode code() {
        return code;
    }

    public List<Fault> faults() {
        return faults;
    }
}
