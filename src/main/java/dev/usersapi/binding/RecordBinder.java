package dev.usersapi.binding;

import dev.usersapi.error.Fault;
import dev.usersapi.error.FaultReason;
import dev.usersapi.error.InvalidRequestException;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Path;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.validation.metadata.ConstraintDescriptor;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.hibernate.validator.engine.HibernateConstraintViolation;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Creates a request record from named values and validates it. All faults are collected, so that the caller learns of
 * them in one response.
 *
 * <p>The names are those of the record's components in snake_case. An unknown name is a fault, unless the record lists it in
 * {@link com.fasterxml.jackson.annotation.JsonIgnoreProperties}.
 */
@Component
class RecordBinder {

    private final Validator validator;
    private final Map<Class<?>, RecordType<?>> types = new ConcurrentHashMap<>();

    RecordBinder(Validator validator) {
        this.validator = validator;
    }

    /** Converts the values of one part of a request, the body or the query, and creates their faults. */
    interface Source<V> {

        /**
         * Converts a value to the type of a record component.
         *
         * @throws InvalidValueException if the value does not fit the type
         */
        Object convert(V value, Type type);

        Fault fault(List<String> path, FaultReason reason);

        /** The code of the fault for an unknown name. */
        String codeForUnknownName();
    }

    /**
     * Creates and validates the record.
     *
     * @param values by name; null for a name without a value
     * @throws InvalidRequestException with all faults
     */
    <T, V> T bind(Class<T> type, Map<String, @Nullable V> values, Source<V> source) {
        @SuppressWarnings("unchecked") // the key and the value have the same type parameter
        RecordType<T> recordType = (RecordType<T>) types.computeIfAbsent(type, RecordType::of);
        Map<List<String>, Fault> faults = new LinkedHashMap<>();
        values.keySet().stream()
                .filter(name -> !recordType.accepted().contains(name))
                .limit(InvalidRequestException.MAX_FAULTS)
                .forEach(name -> faults.put(
                        List.of(name),
                        source.fault(List.of(name), recordType.unknown(name, source.codeForUnknownName()))));
        T bound = construct(recordType, values, source, faults);
        // sorted, because the order of violations is not defined
        validator.validate(bound).stream()
                .sorted(Comparator.comparingInt((ConstraintViolation<T> violation) ->
                                recordType.names().indexOf(path(violation).get(0)))
                        .thenComparing(ConstraintViolation::getMessage))
                .forEach(violation ->
                        faults.computeIfAbsent(path(violation), path -> source.fault(path, reason(violation))));
        if (!faults.isEmpty()) {
            throw new InvalidRequestException(List.copyOf(faults.values()));
        }
        return bound;
    }

    private static <T, V> T construct(
            RecordType<T> type, Map<String, @Nullable V> values, Source<V> source, Map<List<String>, Fault> faults) {
        @Nullable Object[] arguments = new Object[type.names().size()];
        for (int i = 0; i < arguments.length; i++) {
            String name = type.names().get(i);
            V value = values.get(name);
            if (value != null) {
                try {
                    arguments[i] = source.convert(value, type.types().get(i));
                } catch (InvalidValueException e) {
                    e.addFaults(List.of(name), source, faults);
                }
            }
        }
        return type.construct(arguments);
    }

    /** The constant of an enum whose text form in lower case is the given text. */
    static Object enumConstant(String text, Class<?> type) {
        Object[] constants = type.getEnumConstants();
        for (Object constant : constants) {
            if (textOf(constant).equals(text)) {
                return constant;
            }
        }
        List<String> allowed =
                Arrays.stream(constants).map(RecordBinder::textOf).toList();
        throw new InvalidValueException(
                new FaultReason("invalid_value", "must be one of " + String.join(", ", allowed)).withAllowed(allowed));
    }

    private static String textOf(Object constant) {
        return constant.toString().toLowerCase(Locale.ROOT);
    }

    private static List<String> path(ConstraintViolation<?> violation) {
        List<String> names = new ArrayList<>();
        for (Path.Node node : violation.getPropertyPath()) {
            if (node.getName() != null) {
                // the first name is a component of the record; the names below it are the caller's
                names.add(names.isEmpty() ? RecordType.snakeCase(node.getName()) : node.getName());
            }
        }
        return names;
    }

    /** The reason that the constraint's validator has attached, or one made of the constraint's attributes. */
    private static FaultReason reason(ConstraintViolation<?> violation) {
        HibernateConstraintViolation<?> hibernateViolation = violation.unwrap(HibernateConstraintViolation.class);
        FaultReason attached = hibernateViolation.getDynamicPayload(FaultReason.class);
        if (attached != null) {
            return attached;
        }
        ConstraintDescriptor<?> constraint = violation.getConstraintDescriptor();
        Class<?> type = constraint.getAnnotation().annotationType();
        Map<String, Object> attributes = constraint.getAttributes();
        FaultReason reason = new FaultReason(code(type), violation.getMessage())
                .withRange(
                        integer(attributes.get(type == Min.class ? "value" : "min")),
                        integer(attributes.get(type == Max.class ? "value" : "max")));
        return attributes.get("allowed") instanceof String[] allowed ? reason.withAllowed(List.of(allowed)) : reason;
    }

    private static @Nullable Integer integer(@Nullable Object limit) {
        return limit instanceof Number number ? Math.toIntExact(number.longValue()) : null;
    }

    private static String code(Class<?> constraint) {
        if (constraint == NotNull.class) {
            return "required";
        }
        return constraint == Size.class ? "invalid_length" : "invalid_value";
    }
}
