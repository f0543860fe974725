package dev.usersapi.error;

import java.util.List;

/** Refuses a request with 400 and a list of its faults. */
public final class InvalidRequestException extends ProblemException {

    /** Further faults are left out, so that the response does not become many times larger than the request. */
    public static final int MAX_FAULTS = 100;

    private static final long serialVersionUID = 1L;

    public InvalidRequestException(List<Fault> faults) {
        super(ErrorCode.INVALID_REQUEST, faults.subList(0, Math.min(faults.size(), MAX_FAULTS)));
    }

    public InvalidRequestException(Fault fault) {
        this(List.of(fault));
    }
}
