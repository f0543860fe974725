package dev.usersapi.user;

import java.util.Locale;

/** What the list can be sorted by, ties by id; each has an index in this order. */
enum UserSort {
    CREATED_AT("created_at", "timestamptz"),
    NAME("fold_case(name) collate \"C\"", "text"),
    EMAIL("lower(email collate \"C\")", "text"),
    LAST_LOGIN("coalesce(last_login, '-infinity')", "timestamptz");

    /** The SQL of the sort key. */
    final String key;

    /** Its SQL type, for a key that comes back as text in a cursor. */
    final String type;

    UserSort(String key, String type) {
        this.key = key;
        this.type = type;
    }

    static UserSort of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
