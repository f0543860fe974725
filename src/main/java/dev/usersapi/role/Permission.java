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

/** The permissions that the API documents. Their text form is {@code resource:action}. */
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

    /** Parses text forms and leaves out unknown ones, because an instance of a newer version may have stored more. */
    public static Set<Permission> known(Collection<String> texts) {
        return Arrays.stream(values())
                .filter(permission -> texts.contains(permission.text))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Parses a {@code text[]} of PostgreSQL likewise. */
    public static Set<Permission> known(Array texts) throws SQLException {
        return known(List.of((String[]) texts.getArray()));
    }

    /** Sorts by text form and removes duplicates. */
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
