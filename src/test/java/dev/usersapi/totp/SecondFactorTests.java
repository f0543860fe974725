package dev.usersapi.totp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.test.util.ReflectionTestUtils;

class SecondFactorTests {

    private static final byte[] SECRET = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    private static final String WRONG = "000000";
    private static final List<String> RECOVERY_CODES = List.of("ABCD-EFGH-IJKL-MNOP", "QRST-UVWX-YZ23-4567");

    private final SecondFactor factor = new SecondFactor();

    private static String code(Instant time) {
        return Totp.code(SECRET, time.getEpochSecond() / 30);
    }

    private void enrol() {
        ReflectionTestUtils.setField(factor, "secret", SECRET); // an SQL statement stores it
    }

    private void enrolAndConfirm() {
        enrol();
        assertThat(factor.confirm(code(START), RECOVERY_CODES, START)).isTrue();
    }

    private void isDelayed(Instant now, Duration delay) {
        assertThat(factor.retryAt(now)).hasValue(now.plus(delay));
        assertThatThrownBy(() -> factor.accepts(code(now), now))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.TOO_MANY_ATTEMPTS));
    }

    @Test
    void confirmNeedsARightCode() {
        enrol();

        assertThat(factor.confirm(WRONG, RECOVERY_CODES, START)).isFalse();
        assertThat(factor.isConfirmed()).isFalse();
        assertThat(factor.confirm(code(START), RECOVERY_CODES, START)).isTrue();
        assertThat(factor.confirmedAt()).isEqualTo(START);
        assertThat(factor.recoveryCodesLeft()).isEqualTo(2);
    }

    @Test
    void acceptsNothingBeforeTheConfirmation() {
        enrol();

        assertThat(factor.accepts(code(START), START)).isFalse();
    }

    @Test
    void acceptsEachCodeOnceAndNoneOfAnEarlierStep() {
        enrolAndConfirm();
        Instant later = START.plusSeconds(30);

        assertThat(factor.accepts(code(START), START)).as("used to confirm").isFalse();
        assertThat(factor.accepts(code(later), later)).isTrue();
        assertThat(factor.accepts(code(later), later)).isFalse();
        assertThat(factor.accepts(code(START), later)).isFalse();
        assertThat(factor.retryAt(later)).as("repetitions are not counted").isEmpty();
    }

    @Test
    void delayDoublesWithEachWrongCodeFromTheFifthUpToAnHour() {
        enrolAndConfirm();
        Instant now = START.plusSeconds(60);
        for (int wrong = 1; wrong < 5; wrong++) {
            assertThat(factor.accepts(WRONG, now)).isFalse();
            assertThat(factor.retryAt(now)).isEmpty();
        }
        for (int minutes : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            assertThat(factor.accepts(WRONG, now)).isFalse();
            isDelayed(now, Duration.ofMinutes(minutes));
            now = now.plus(Duration.ofMinutes(minutes));
        }

        assertThat(factor.accepts(code(now), now)).isTrue();
        assertThat(factor.accepts(WRONG, now)).isFalse();
        assertThat(factor.retryAt(now)).as("the count starts again").isEmpty();
    }

    @Test
    void countOfWrongCodesStopsAtTheMaximumOfTheTable() {
        enrolAndConfirm();
        ReflectionTestUtils.setField(factor, "wrongCodes", 1_000_000_000);

        assertThat(factor.accepts(WRONG, START)).isFalse();

        assertThat(ReflectionTestUtils.getField(factor, "wrongCodes")).isEqualTo(1_000_000_000);
        isDelayed(START, Duration.ofHours(1));
    }

    @Test
    void recoveryCodeIsAcceptedOnceDuringTheDelayAndEndsIt() {
        enrolAndConfirm();
        Instant now = START.plusSeconds(60);
        for (int wrong = 1; wrong <= 5; wrong++) {
            factor.accepts(WRONG, now);
        }

        assertThat(factor.accepts("abcd efgh ijkl mnop", now)).isTrue();
        assertThat(factor.retryAt(now)).isEmpty();
        assertThat(factor.accepts("ABCD-EFGH-IJKL-MNOP", now)).isFalse();
        assertThat(factor.recoveryCodesLeft()).isEqualTo(1);
    }
}
