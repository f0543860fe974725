package dev.usersapi.error;

import java.util.List;

/** 400 with every fault of the request. */
public final class InvalidRequestException extends ProblemException {

    private static final long serialVersionUID = 1L;

    public InvalidRequestException(List<Fault> faults) {
        super(ErrorCode.INVALID_REQUEST, faults);
    }

    public InvalidRequestException(Fault fault) {
        this(List.of(fault));
    }
}
