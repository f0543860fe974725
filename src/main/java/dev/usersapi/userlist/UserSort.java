package dev.usersapi.userlist;

import java.util.Locale;

/** The sort orders of the list. Users with equal keys are sorted by id. An index supports each order. */
enum UserSort {
    CREATED_AT("created_at", "timestamptz"),
    NAME("fold_case(name) collate \"C\"", "text"),
    EMAIL("lower(email collate \"C\")", "text"),
    LAST_LOGIN("coalesce(last_login, '-infinity')", "timestamptz");

    /** The SQL expression that is sorted by, as in the index. */
    final String key;

    /** The SQL type of the key; a cursor holds the key as text, which is cast to this type. */
    final String type;

    UserSort(String key, String type) {
        this.key = key;
        this.type = type;
    }

    static UserSort of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
