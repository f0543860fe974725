package dev.usersapi.http;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Path;
import jakarta.validation.Validator;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Makes a record from named values and validates it, collecting every fault before it refuses. A data binder that
 * stops at the first wrong type would tell the caller of one fault at a time.
 *
 * <p>Names are the components' in snake_case. A name that the record does not have is a fault, unless the record lists
 * it in {@link JsonIgnoreProperties}.
 */
@Component
class RecordBinder {

    private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

    private final Validator validator;

    RecordBinder(Validator validator) {
        this.validator = validator;
    }

    /** Reads one kind of named value. */
    interface Source<V> {

        /**
         * The value as the type asked for.
         *
         * @throws Refusal when it is not of that type
         */
        Object convert(V value, Type type);

        Fault fault(List<String> path, String code, String detail);

        String unknownCode();
    }

    /** Tells why a value cannot be had as the type asked for. */
    static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1L;

        final String code;
        final String detail;

        Refusal(String code, String detail) {
            super(detail, null, false, false);
            this.code = code;
            this.detail = detail;
        }
    }

    <T, V> T bind(Class<T> type, Map<String, V> values, Source<V> source) {
        Map<List<String>, Fault> faults = new LinkedHashMap<>();
        Set<String> known = Arrays.stream(type.getRecordComponents())
                .map(component -> snakeCase(component.getName()))
                .collect(Collectors.toSet());
        JsonIgnoreProperties ignored = type.getAnnotation(JsonIgnoreProperties.class);
        for (String name : values.keySet()) {
            if (!known.contains(name)
                    && (ignored == null || !List.of(ignored.value()).contains(name))) {
                faults.put(List.of(name), source.fault(List.of(name), source.unknownCode(), "is not known here"));
            }
        }
        T bound = construct(type, values, source, faults);
        for (ConstraintViolation<T> violation : validator.validate(bound)) {
            List<String> path = path(violation.getPropertyPath());
            faults.computeIfAbsent(path, p -> source.fault(p, code(violation), violation.getMessage()));
        }
        if (!faults.isEmpty()) {
            throw new InvalidRequestException(List.copyOf(faults.values()));
        }
        return bound;
    }

    private static <T, V> T construct(
            Class<T> type, Map<String, V> values, Source<V> source, Map<List<String>, Fault> faults) {
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            String name = snakeCase(components[i].getName());
            V value = values.get(name);
            if (value != null) {
                try {
                    arguments[i] = source.convert(value, components[i].getGenericType());
                } catch (Refusal refusal) {
                    faults.put(List.of(name), source.fault(List.of(name), refusal.code, refusal.detail));
                }
            }
        }
        try {
            Constructor<T> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true); // request records are package-private
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("The constructor of " + type + " must not refuse", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The constant whose name, in lower case, is the text. */
    static Object constant(String text, Class<?> type) {
        Object[] constants = type.getEnumConstants();
        for (Object constant : constants) {
            if (((Enum<?>) constant).name().toLowerCase(Locale.ROOT).equals(text)) {
                return constant;
            }
        }
        String allowed = Arrays.stream(constants)
                .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        throw new Refusal("invalid_value", "must be one of " + allowed);
    }

    private static List<String> path(Path path) {
        List<String> names = new ArrayList<>();
        for (Path.Node node : path) {
            if (node.getName() != null) {
                // the first is a component of the record; what lies deeper was named by the caller
                names.add(names.isEmpty() ? snakeCase(node.getName()) : node.getName());
            }
        }
        return names;
    }

    private static String code(ConstraintViolation<?> violation) {
        Class<?> constraint =
                violation.getConstraintDescriptor().getAnnotation().annotationType();
        if (constraint == NotNull.class) {
            return "required";
        }
        return constraint == Size.class ? "invalid_length" : "invalid_value";
    }

    private static String snakeCase(String name) {
        return HUMP.matcher(name).replaceAll("_").toLowerCase(Locale.ROOT);
    }
}
