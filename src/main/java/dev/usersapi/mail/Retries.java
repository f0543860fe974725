package dev.usersapi.mail;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** When a mail that could not be delivered is tried again. */
@Component
class Retries {

    private static final Duration FIRST_DELAY = Duration.ofSeconds(10);
    private static final Duration LONGEST_DELAY = Duration.ofHours(1);
    private static final Duration LIFETIME = Duration.ofDays(3);
    // more than one: a server that is not set up yet refuses what it takes later
    static final int ATTEMPTS_WHEN_REFUSED = 5;

    private final Clock clock;

    Retries(Clock clock) {
        this.clock = clock;
    }

    /**
     * Empty where the mail is given up.
     *
     * @param failures attempts that failed so far, at least one
     * @param refused whether the server refused the mail for good
     */
    Optional<Instant> next(Instant queuedAt, int failures, boolean refused) {
        Duration grown = FIRST_DELAY.multipliedBy(1L << Math.min(failures - 1, 20));
        Instant next = clock.instant().plus(grown.compareTo(LONGEST_DELAY) < 0 ? grown : LONGEST_DELAY);
        boolean over = next.isAfter(queuedAt.plus(LIFETIME)) || (refused && failures >= ATTEMPTS_WHEN_REFUSED);
        return over ? Optional.empty() : Optional.of(next);
    }
}
