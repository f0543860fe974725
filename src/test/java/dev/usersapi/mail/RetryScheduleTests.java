package dev.usersapi.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryScheduleTests {

    private static final Instant QUEUED = Instant.parse("2026-11-24T10:00:00Z");

    private static Optional<Duration> delay(Duration age, int failures, boolean refused) {
        Instant now = QUEUED.plus(age);
        return new RetrySchedule(Clock.fixed(now, ZoneOffset.UTC))
                .next(QUEUED, failures, refused)
                .map(next -> Duration.between(now, next));
    }

    @ParameterizedTest
    @CsvSource({"1, PT10S", "2, PT20S", "3, PT40S", "9, PT42M40S", "10, PT1H", "70, PT1H", "2000000000, PT1H"})
    void delayDoublesUpToOneHour(int failures, Duration delay) {
        assertThat(delay(Duration.ofMinutes(1), failures, false)).contains(delay);
    }

    @Test
    void mailIsDroppedAfterThreeDays() {
        assertThat(delay(Duration.ofDays(3).minusHours(1), 80, false)).isPresent();
        assertThat(delay(Duration.ofDays(3).minusHours(1).plusSeconds(1), 80, false))
                .isEmpty();
        assertThat(delay(Duration.ofDays(30), 1, false)).isEmpty();
    }

    @Test
    void mailIsDroppedAfterFivePermanentRefusals() {
        assertThat(delay(Duration.ofMinutes(1), 4, true)).contains(Duration.ofSeconds(80));
        assertThat(delay(Duration.ofMinutes(1), 5, true)).isEmpty();
    }
}
