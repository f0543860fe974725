package dev.usersapi.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a value is refused, and which values are accepted instead.
 *
 * @param code machine-readable reason that never changes, such as {@code required}
 * @param detail for people: the rest of a sentence whose subject is the value, such as {@code must not be null}
 * @param min lowest value, or lowest number of characters or elements; null if there is no such limit
 * @param max highest value, or highest number of characters or elements; null if there is no such limit
 * @param allowed the values that are accepted; empty if they cannot be listed
 * @param nearest for an unknown name, the most similar known name; null if none is similar
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

    public FaultReason withRange(@Nullable Integer lowest, @Nullable Integer highest) {
        return new FaultReason(code, detail, lowest, highest, allowed, nearest);
    }

    public FaultReason withAllowed(List<String> values) {
        return new FaultReason(code, detail, min, max, List.copyOf(values), nearest);
    }

    public FaultReason withNearest(@Nullable String name) {
        return new FaultReason(code, detail, min, max, allowed, name);
    }
}
