package dev.usersapi.binding;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
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
import org.hibernate.validator.engine.HibernateConstraintViolation;
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

        Fault fault(List<String> path, FaultReason reason);

        String unknownCode();
    }

    /** Tells why a value, or which of its parts, cannot be had as the type asked for. */
    static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient FaultReason reason;
        private final transient Map<String, Refusal> parts;

        Refusal(String code, String detail) {
            this(new FaultReason(code, detail));
        }

        Refusal(FaultReason reason) {
            this(reason, Map.of());
        }

        /** By the names of the parts. */
        Refusal(Map<String, Refusal> parts) {
            this(new FaultReason("", ""), parts);
        }

        private Refusal(FaultReason reason, Map<String, Refusal> parts) {
            super(reason.detail(), null, false, false);
            this.reason = reason;
            this.parts = parts;
        }

        private void note(List<String> path, Source<?> source, Map<List<String>, Fault> faults) {
            if (parts.isEmpty()) {
                faults.put(path, source.fault(path, reason));
            }
            parts.forEach((name, part) ->
                    part.note(Stream.concat(path.stream(), Stream.of(name)).toList(), source, faults));
        }
    }

    /** What reflection tells of a record, looked up once. */
    private record Shape<T>(
            Constructor<T> constructor,
            List<String> names,
            List<Type> types,
            Set<String> known,
            Map<String, String> elsewhere) {

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
            Map<String, String> elsewhere = Arrays.stream(type.getAnnotationsByType(UnsupportedMember.class))
                    .collect(Collectors.toMap(UnsupportedMember::member, UnsupportedMember::detail));
            try {
                Constructor<T> constructor = type.getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
                constructor.setAccessible(true); // request records are package-private
                return new Shape<>(constructor, names, types, known, elsewhere);
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException(e);
            }
        }

        private FaultReason unknown(String name, String code) {
            String detail = elsewhere.get(name);
            if (detail != null) {
                return new FaultReason(code, detail);
            }
            // of members that are ignored, and of those set elsewhere, none is meant
            String nearest = NearestName.of(name, names).orElse(null);
            return new FaultReason(
                            code,
                            nearest == null ? "is not known here" : "is not known here; did you mean " + nearest + "?")
                    .withNearest(nearest);
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
        values.keySet().stream()
                .filter(name -> !shape.known().contains(name))
                .limit(InvalidRequestException.MAX_FAULTS)
                .forEach(name -> faults.put(
                        List.of(name), source.fault(List.of(name), shape.unknown(name, source.unknownCode()))));
        T bound = construct(shape, values, source, faults);
        // the validator finds them in any order
        validator.validate(bound).stream()
                .sorted(Comparator.comparingInt((ConstraintViolation<T> violation) ->
                                shape.names().indexOf(path(violation).get(0)))
                        .thenComparing(ConstraintViolation::getMessage))
                .forEach(violation ->
                        faults.computeIfAbsent(path(violation), path -> source.fault(path, reason(violation))));
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
        List<String> allowed =
                Arrays.stream(constants).map(RecordBinder::textOf).toList();
        throw new Refusal(
                new FaultReason("invalid_value", "must be one of " + String.join(", ", allowed)).withAllowed(allowed));
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

    /** Either what the constraint's validator says, or what the constraint's attributes tell. */
    private static FaultReason reason(ConstraintViolation<?> violation) {
        HibernateConstraintViolation<?> detailed = violation.unwrap(HibernateConstraintViolation.class);
        FaultReason told = detailed.getDynamicPayload(FaultReason.class);
        if (told != null) {
            return told;
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

    private static String snakeCase(String name) {
        return HUMP.matcher(name).replaceAll("_").toLowerCase(Locale.ROOT);
    }
}
