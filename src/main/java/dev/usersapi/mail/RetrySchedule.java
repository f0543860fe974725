package dev.usersapi.mail;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Decides when the delivery of a mail is retried: after 10 seconds at first, then after twice as long each time. */
@Component
class RetrySchedule {

    private static final Duration FIRST_DELAY = Duration.ofSeconds(10);
    private static final Duration MAX_DELAY = Duration.ofHours(1);
    private static final Duration MAX_AGE = Duration.ofDays(3);
    // more than one, because a mail server may refuse mail while it is being set up
    static final int MAX_ATTEMPTS_IF_REFUSED = 5;

    private final Clock clock;

    RetrySchedule(Clock clock) {
        this.clock = clock;
    }

    /**
     * Empty if the mail is dropped.
     *
     * @param failures number of failed attempts, at least one
     * @param refused whether the server refused the mail permanently
     */
    Optional<Instant> next(Instant queuedAt, int failures, boolean refused) {
        Duration delay = FIRST_DELAY.multipliedBy(1L << Math.min(failures - 1, 20));
        Instant next = clock.instant().plus(delay.compareTo(MAX_DELAY) < 0 ? delay : MAX_DELAY);
        boolean dropped = next.isAfter(queuedAt.plus(MAX_AGE)) || (refused && failures >= MAX_ATTEMPTS_IF_REFUSED);
        return dropped ? Optional.empty() : Optional.of(next);
    }
}
