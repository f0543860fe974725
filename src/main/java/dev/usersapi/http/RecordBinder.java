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
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private final Map<Class<?>, Shape<?>> shapes = new ConcurrentHashMap<>();

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

    /** Tells why a value, or which of its parts, cannot be had as the type asked for. */
    static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final String code;
        private final String detail;
        private final transient Map<String, Refusal> parts;

        Refusal(String code, String detail) {
            this(code, detail, Map.of());
        }

        /** By the names of the parts. */
        Refusal(Map<String, Refusal> parts) {
            this("", "", parts);
        }

        private Refusal(String code, String detail, Map<String, Refusal> parts) {
            super(detail, null, false, false);
            this.code = code;
            this.detail = detail;
            this.parts = parts;
        }

        private void note(List<String> path, Source<?> source, Map<List<String>, Fault> faults) {
            if (parts.isEmpty()) {
                faults.put(path, source.fault(path, code, detail));
            }
            parts.forEach((name, part) ->
                    part.note(Stream.concat(path.stream(), Stream.of(name)).toList(), source, faults));
        }
    }

    /** What reflection tells of a record, looked up once. */
    private record Shape<T>(Constructor<T> constructor, List<String> names, List<Type> types, Set<String> known) {

        static <T> Shape<T> of(Class<T> type) {
            RecordComponent[] components = type.getRecordComponents();
            List<String> names = Arrays.stream(components)
                    .map(component -> snakeCase(component.getName()))
                    .toList();
            List<Type> types = Arrays.stream(components)
                    .map(RecordComponent::getGenericType)
                    .toList();
            Set<String> known = new HashSet<>(names);
            JsonIgnoreProperties ignored = type.getAnnotation(JsonIgnoreProperties.class);
            if (ignored != null) {
                known.addAll(List.of(ignored.value()));
            }
            try {
                Constructor<T> constructor = type.getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
                constructor.setAccessible(true); // request records are package-private
                return new Shape<>(constructor, names, types, known);
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * Makes the record.
     *
     * @param values by name; null for a name that is known to the caller but has no value
     */
    <T, V> T bind(Class<T> type, Map<String, @Nullable V> values, Source<V> source) {
        @SuppressWarnings("unchecked") // the key tells
        Shape<T> shape = (Shape<T>) shapes.computeIfAbsent(type, Shape::of);
        Map<List<String>, Fault> faults = new LinkedHashMap<>();
        for (String name : values.keySet()) {
            if (!shape.known().contains(name)) {
                faults.put(List.of(name), source.fault(List.of(name), source.unknownCode(), "is not known here"));
            }
        }
        T bound = construct(shape, values, source, faults);
        // the validator finds them in any order
        validator.validate(bound).stream()
                .sorted(Comparator.comparingInt((ConstraintViolation<T> violation) ->
                                shape.names().indexOf(path(violation).get(0)))
                        .thenComparing(ConstraintViolation::getMessage))
                .forEach(violation -> faults.computeIfAbsent(
                        path(violation), path -> source.fault(path, code(violation), violation.getMessage())));
        if (!faults.isEmpty()) {
            throw new InvalidRequestException(List.copyOf(faults.values()));
        }
        return bound;
    }

    private static <T, V> T construct(
            Shape<T> shape, Map<String, @Nullable V> values, Source<V> source, Map<List<String>, Fault> faults) {
        @Nullable Object[] arguments = new Object[shape.names().size()];
        for (int i = 0; i < arguments.length; i++) {
            String name = shape.names().get(i);
            V value = values.get(name);
            if (value != null) {
                try {
                    arguments[i] = source.convert(value, shape.types().get(i));
                } catch (Refusal refusal) {
                    refusal.note(List.of(name), source, faults);
                }
            }
        }
        try {
            return shape.constructor().newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("The constructor of " + shape + " must not refuse", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The constant whose text form, in lower case, is the text. */
    static Object constant(String text, Class<?> type) {
        Object[] constants = type.getEnumConstants();
        for (Object constant : constants) {
            if (textOf(constant).equals(text)) {
                return constant;
            }
        }
        String allowed = Arrays.stream(constants).map(RecordBinder::textOf).collect(Collectors.joining(", "));
        throw new Refusal("invalid_value", "must be one of " + allowed);
    }

    private static String textOf(Object constant) {
        return constant.toString().toLowerCase(Locale.ROOT);
    }

    private static List<String> path(ConstraintViolation<?> violation) {
        List<String> names = new ArrayList<>();
        for (Path.Node node : violation.getPropertyPath()) {
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
