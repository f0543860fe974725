package dev.usersapi.binding;

import dev.usersapi.error.Fault;
import dev.usersapi.error.FaultReason;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A value, or some of its elements, cannot be converted to the type of the record component. */
final class InvalidValueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient FaultReason reason;
    private final transient Map<String, InvalidValueException> elements;

    InvalidValueException(String code, String detail) {
        this(new FaultReason(code, detail));
    }

    InvalidValueException(FaultReason reason) {
        this(reason, Map.of());
    }

    /** Reports the invalid elements of a list by their indexes. */
    InvalidValueException(Map<String, InvalidValueException> elements) {
        this(new FaultReason("", ""), elements);
    }

    private InvalidValueException(FaultReason reason, Map<String, InvalidValueException> elements) {
        super(reason.detail(), null, false, false);
        this.reason = reason;
        this.elements = elements;
    }

    void addFaults(List<String> path, RecordBinder.Source<?> source, Map<List<String>, Fault> faults) {
        if (elements.isEmpty()) {
            faults.put(path, source.fault(path, reason));
        }
        elements.forEach((index, element) ->
                element.addFaults(Stream.concat(path.stream(), Stream.of(index)).toList(), source, faults));
    }
}
