package dev.usersapi.binding;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.usersapi.error.FaultReason;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The constructor and annotations of a request record, which reflection reads once.
 *
 * @param names names of the components in snake_case, as clients write them
 * @param types types of the components
 * @param accepted the names, and those that {@link JsonIgnoreProperties} lists
 * @param unsupported the details of {@link UnsupportedMember} by the member's name
 */
record RecordType<T>(
        Constructor<T> constructor,
        List<String> names,
        List<Type> types,
        Set<String> accepted,
        Map<String, String> unsupported) {

    private static final Pattern WORD_START = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

    static <T> RecordType<T> of(Class<T> type) {
        RecordComponent[] components = type.getRecordComponents();
        List<String> names = Arrays.stream(components)
                .map(component -> snakeCase(component.getName()))
                .toList();
        List<Type> types =
                Arrays.stream(components).map(RecordComponent::getGenericType).toList();
        Set<String> accepted = new HashSet<>(names);
        JsonIgnoreProperties ignored = type.getAnnotation(JsonIgnoreProperties.class);
        if (ignored != null) {
            accepted.addAll(List.of(ignored.value()));
        }
        Map<String, String> unsupported = Arrays.stream(type.getAnnotationsByType(UnsupportedMember.class))
                .collect(Collectors.toMap(UnsupportedMember::member, UnsupportedMember::detail));
        try {
            Constructor<T> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true); // request records are package-private
            return new RecordType<>(constructor, names, types, accepted, unsupported);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    T construct(@Nullable Object[] arguments) {
        try {
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(constructor + " must accept every value, validation follows", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Why a name that is not accepted is refused: by {@link UnsupportedMember}, or with the most similar name. */
    FaultReason unknown(String name, String code) {
        String detail = unsupported.get(name);
        if (detail != null) {
            return new FaultReason(code, detail);
        }
        String nearest = NearestName.of(name, names).orElse(null);
        return new FaultReason(
                        code,
                        nearest == null ? "is not known here" : "is not known here; did you mean " + nearest + "?")
                .withNearest(nearest);
    }

    static String snakeCase(String name) {
        return WORD_START.matcher(name).replaceAll("_").toLowerCase(Locale.ROOT);
    }
}
