package dev.usersapi.role;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The published permissions; the text form is {@code resource:action}. */
public enum Permission {
    USERS_READ,
    USERS_WRITE,
    USERS_DELETE,
    METRICS_READ;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', ':');

    /** Those of the text forms that this version knows; a newer instance may have stored others. */
    public static Set<Permission> known(Collection<String> texts) {
        return Arrays.stream(values())
                .filter(permission -> texts.contains(permission.text))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public String toString() {
        return text;
    }
}
