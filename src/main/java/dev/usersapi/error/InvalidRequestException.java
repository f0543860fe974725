package dev.usersapi.error;

import java.util.List;

/** 400 with the faults of the request. */
public final class InvalidRequestException extends ProblemException {

    /** More faults are left out, so that an answer is not many times as large as its request. */
    public static final int MAX_FAULTS = 100;

    private static final long serialVersionUID = 1L;

    public InvalidRequestException(List<Fault> faults) {
        super(ErrorCode.INVALID_REQUEST, faults.subList(0, Math.min(faults.size(), MAX_FAULTS)));
    }

    public InvalidRequestException(Fault fault) {
        this(List.of(fault));
    }
}
