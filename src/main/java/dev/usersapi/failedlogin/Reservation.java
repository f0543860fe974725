package dev.usersapi.failedlogin;

import java.time.Duration;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A login attempt, counted as failed until its outcome is known.
 *
 * @param countedForAddress whether the count of {@link Scope#ADDRESS} includes it
 * @param countedForAccount whether the count of {@link Scope#ACCOUNT} includes it; only tried if the first count does
 * @param countedForNetwork whether the count of {@link Scope#NETWORK} includes it; only tried if the first count does
 * @param refusal null if the attempt is admitted
 */
record Reservation(
        boolean countedForAddress,
        boolean countedForAccount,
        boolean countedForNetwork,
        @Nullable Refusal refusal) {

    /**
     * Why the attempt is not admitted.
     *
     * @param delay until the next attempt is admitted; zero if that depends on attempts whose outcome is not known yet
     */
    record Refusal(Scope scope, Duration delay) {

        static Refusal of(Scope scope, @Nullable OffsetDateTime blockedUntil, OffsetDateTime now) {
            Duration delay = blockedUntil == null ? Duration.ZERO : Duration.between(now, blockedUntil);
            return new Refusal(scope, delay.isNegative() ? Duration.ZERO : delay);
        }
    }

    boolean dependsOnUndecidedAttempts() {
        return refusal != null && refusal.delay().isZero();
    }
}
