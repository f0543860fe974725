package dev.usersapi.role;

import com.fasterxml.jackson.annotation.JsonValue;
import java.sql.Array;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The published permissions; the text form is {@code resource:action}. */
public enum Permission {
    USERS_READ,
    USERS_WRITE,
    USERS_DELETE,
    ROLES_WRITE,
    SESSIONS_READ,
    SESSIONS_DELETE,
    API_KEYS_READ,
    API_KEYS_DELETE,
    SIGNING_KEYS_WRITE,
    METRICS_READ;

    private final String text = name().toLowerCase(Locale.ROOT).replaceFirst("_([a-z]+)$", ":$1");

    /** Those of the text forms that this version knows; a newer instance may have stored others. */
    public static Set<Permission> known(Collection<String> texts) {
        return Arrays.stream(values())
                .filter(permission -> texts.contains(permission.text))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Those in a {@code text[]} of PostgreSQL. */
    public static Set<Permission> known(Array texts) throws SQLException {
        return known(List.of((String[]) texts.getArray()));
    }

    /** In the order of their text forms, each once. */
    public static List<Permission> sorted(Collection<Permission> permissions) {
        return permissions.stream()
                .distinct()
                .sorted(Comparator.comparing(Permission::toString))
                .toList();
    }

    @JsonValue
    @Override
    public String toString() {
        return text;
    }
}
