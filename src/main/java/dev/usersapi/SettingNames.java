package dev.usersapi;

import dev.usersapi.binding.NearestName;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.core.annotation.AnnotatedElementUtils;

/**
 * The names of the service's own settings, which begin with {@code users}, as its configuration records declare them. An
 * element of a list has the number 0, as in {@code users.trusted-issuers.0.audience}.
 */
record SettingNames(List<String> names) {

    /** Takes the records among the types that are annotated with {@link ConfigurationProperties}. */
    static SettingNames of(Collection<Class<?>> types) {
        return new SettingNames(
                types.stream().flatMap(SettingNames::names).distinct().sorted().toList());
    }

    private static Stream<String> names(Class<?> type) {
        ConfigurationProperties properties =
                AnnotatedElementUtils.getMergedAnnotation(type, ConfigurationProperties.class);
        return properties != null && properties.prefix().matches("users(\\..*)?")
                ? components(properties.prefix(), type)
                : Stream.empty();
    }

    private static Stream<String> components(String prefix, Class<?> type) {
        return Arrays.stream(type.getRecordComponents()).flatMap(component -> names(prefix, component));
    }

    private static Stream<String> names(String prefix, RecordComponent component) {
        String name =
                prefix + "." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        if (!component.getType().equals(List.class)) {
            return Stream.of(name);
        }
        Type element = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
        // a record nested in the settings record has settings of its own; any other element is converted from one text
        return element instanceof Class<?> type
                        && component.getDeclaringRecord().equals(type.getEnclosingClass())
                ? components(name + ".0", type)
                : Stream.of(name, name + ".0");
    }

    /** The environment variable as it is documented: {@code USERS_DATA_DIR}. */
    static String variable(String name) {
        return name.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Whether a setting is read from this environment variable. Spring Boot also reads names without any hyphens. */
    boolean hasVariable(String variable) {
        String withZero = variable.replaceAll("_\\d+(?=_|$)", "_0");
        return names.stream()
                .anyMatch(name -> variable(name).equals(withZero)
                        || variable(name.replace("-", "")).equals(withZero));
    }

    /** Whether there is a setting of this name, in any of the spellings that Spring Boot accepts. */
    boolean hasProperty(String property) {
        String canonical = canonical(property.replaceAll("\\[\\d+]", ".0"));
        return names.stream().anyMatch(name -> canonical(name).equals(canonical));
    }

    private static String canonical(String name) {
        return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    /** The documented variable that is most similar to the given one; empty if none is similar. */
    Optional<String> nearestVariable(String variable) {
        return NearestName.of(
                variable, names.stream().map(SettingNames::variable).toList());
    }
}
