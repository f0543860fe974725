package dev.usersapi.auth;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A user's sessions, the most recently used first, out of all that there are. */
record SessionListResponse(List<Item> data, Meta meta) {

    /**
     * One of them.
     *
     * @param current whether the request was made with it
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
