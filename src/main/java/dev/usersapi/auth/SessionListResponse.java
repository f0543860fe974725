package dev.usersapi.auth;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The most recently used sessions of a user, and how many there are in total. */
record SessionListResponse(List<Item> data, Meta meta) {

    /**
     * A session.
     *
     * @param current whether the caller uses this session
     */
    record Item(
            String id,
            Instant createdAt,
            Instant lastUsedAt,
            @Nullable String ip,
            @Nullable String userAgent,
            boolean current) {}

    record Meta(long total) {}
}
