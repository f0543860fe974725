package dev.usersapi.failedlogin;

import dev.usersapi.binding.Rfc3339;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What failed lately for an account.
 *
 * @param failures from all addresses together
 * @param retryAt before which no address may try again; null where there is no such delay
 * @param addresses those that failed last
 */
record FailedLoginsResponse(
        int failures,
        @Nullable Instant lastFailedAt,
        @Nullable Instant retryAt,
        List<Count> addresses) {

    private static final int MOST_ADDRESSES = 20;

    /** How many counts {@link #of} wants: those of the addresses, and that of all together. */
    static final int MOST_COUNTS = MOST_ADDRESSES + 1;

    /** Of one address, or with an empty one of all. */
    record Count(
            String address,
            int failures,
            Instant lastFailedAt,
            @Nullable Instant retryAt) {

        /** With a time to retry at that is not too early, though it has whole seconds. */
        static Count of(
                String address, int failures, OffsetDateTime lastFailedAt, @Nullable OffsetDateTime blockedUntil) {
            return new Count(
                    address,
                    failures,
                    lastFailedAt.toInstant().truncatedTo(ChronoUnit.SECONDS),
                    blockedUntil == null ? null : Rfc3339.roundUp(blockedUntil.toInstant()));
        }
    }

    static FailedLoginsResponse of(List<Count> counts) {
        Optional<Count> all =
                counts.stream().filter(count -> count.address().isEmpty()).findFirst();
        List<Count> addresses = counts.stream()
                .filter(count -> !count.address().isEmpty())
                .limit(MOST_ADDRESSES)
                .toList();
        return new FailedLoginsResponse(
                all.map(Count::failures).orElse(0),
                all.map(Count::lastFailedAt).orElse(null),
                all.map(Count::retryAt).orElse(null),
                addresses);
    }
}
