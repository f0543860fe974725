package dev.usersapi.failedlogin;

import dev.usersapi.binding.Rfc3339;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The failed logins of an account in the last hour.
 *
 * @param failures from all addresses together
 * @param retryAt when a login from any address is possible again; null without a delay
 * @param addresses the addresses with the latest failures
 */
record FailedLoginsResponse(
        int failures,
        @Nullable Instant lastFailedAt,
        @Nullable Instant retryAt,
        List<Count> addresses) {

    private static final int MAX_ADDRESSES = 20;

    /** The counts that {@link #of} needs: one for each address and one for all together. */
    static final int MAX_COUNTS = MAX_ADDRESSES + 1;

    /** The failures from one address, or from all if the address is empty. */
    record Count(
            String address,
            int failures,
            Instant lastFailedAt,
            @Nullable Instant retryAt) {

        /** Rounds {@code retryAt} up to whole seconds, so that a retry at this time is not too early. */
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
                .limit(MAX_ADDRESSES)
                .toList();
        return new FailedLoginsResponse(
                all.map(Count::failures).orElse(0),
                all.map(Count::lastFailedAt).orElse(null),
                all.map(Count::retryAt).orElse(null),
                addresses);
    }
}
