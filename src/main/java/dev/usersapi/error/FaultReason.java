package dev.usersapi.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a value is refused, and what would be accepted in its place.
 *
 * @param code stable and machine-readable, such as {@code required}
 * @param detail a sentence for people, whose subject is the value
 * @param min least value, or least number of characters or elements; null where there is no such limit
 * @param max greatest value, or greatest number of characters or elements; null where there is no such limit
 * @param allowed the values that are accepted; empty where they cannot be listed
 * @param nearest the known name that is most like an unknown one; null where none is like it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FaultReason(
        String code,
        String detail,
        @Nullable Integer min,
        @Nullable Integer max,
        List<String> allowed,
        @Nullable String nearest) {

    public FaultReason(String code, String detail) {
        this(code, detail, null, null, List.of(), null);
    }

    public FaultReason withRange(@Nullable Integer least, @Nullable Integer greatest) {
        return new FaultReason(code, detail, least, greatest, allowed, nearest);
    }

    public FaultReason withAllowed(List<String> values) {
        return new FaultReason(code, detail, min, max, List.copyOf(values), nearest);
    }

    public FaultReason withNearest(@Nullable String name) {
        return new FaultReason(code, detail, min, max, allowed, name);
    }
}
