package dev.usersapi.totp;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.UserId;
import jakarta.persistence.AttributeOverride;
import jakarta.persistence.Column;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The second factor of a user, which counts from its confirmation on. Each code is accepted once.
 *
 * <p>Three of a million codes are right at a time: those of the present time step and of its neighbours. After
 * {@value #FREE_ATTEMPTS} wrong codes no code is checked for one minute, then for two, four and so on up to an hour. An
 * attacker who knows the password then guesses a code with a chance of about 0.007 % a day; the delays after failed
 * logins alone would leave 1.7 %. Recovery codes are too long to be guessed and are accepted during the delay. An
 * accepted code of either kind ends the delay and resets the count.
 */
@Entity
@Table(name = "totp")
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // Hibernate fills and reads the fields
class SecondFactor {

    private static final int FREE_ATTEMPTS = 5;
    private static final int MAX_DELAY_MINUTES = 60;
    private static final int MAX_WRONG_CODES = 1_000_000_000; // a check constraint refuses more
    private static final Pattern SEPARATORS = Pattern.compile("[\\s\\p{Z}\\p{Pd}\uFEFF]"); // apps show "123 456"

    @EmbeddedId
    @AttributeOverride(name = "value", column = @Column(name = "user_id"))
    private UserId userId;

    private byte[] secret;
    private @Nullable Instant confirmedAt;
    private @Nullable Long lastStep; // time step of the code that was accepted last; null until confirmed
    private int wrongCodes;
    private @Nullable Instant retryAt;
    private byte[][] recoveryCodes; // hashes of the unused ones

    protected SecondFactor() {}

    /** Turns the second factor on if the code is right, and returns whether it is. */
    boolean confirm(String code, List<String> newRecoveryCodes, Instant now) {
        OptionalLong step = Totp.stepOf(secret, compact(code), now);
        if (step.isPresent()) {
            confirmedAt = now;
            lastStep = step.getAsLong();
            recoveryCodes = newRecoveryCodes.stream()
                    .map(recoveryCode ->
                            RecoveryCode.hash(compact(recoveryCode)).orElseThrow())
                    .toArray(byte[][]::new);
        }
        return step.isPresent();
    }

    /**
     * Returns whether the code is right and unused, and uses it up. Counts wrong codes.
     *
     * @throws ProblemException {@link ErrorCode#TOO_MANY_ATTEMPTS} during the delay
     */
    boolean accepts(String code, Instant now) {
        if (!isConfirmed()) {
            return false;
        }
        boolean accepted = RecoveryCode.hash(compact(code))
                .map(this::useRecoveryCode)
                .orElseGet(() -> useTotp(compact(code), now));
        if (accepted) {
            wrongCodes = 0;
            retryAt = null;
        }
        return accepted;
    }

    private boolean useRecoveryCode(byte[] hash) {
        byte[][] left = Arrays.stream(recoveryCodes)
                .filter(unused -> !Arrays.equals(unused, hash))
                .toArray(byte[][]::new);
        boolean found = left.length < recoveryCodes.length;
        recoveryCodes = left;
        return found;
    }

    private boolean useTotp(String code, Instant now) {
        if (retryAt != null && retryAt.isAfter(now)) {
            throw new ProblemException(ErrorCode.TOO_MANY_ATTEMPTS, Duration.between(now, retryAt));
        }
        OptionalLong step = Totp.stepOf(secret, code, now);
        if (step.isEmpty()) {
            countWrongCode(now);
            return false;
        }
        if (lastStep == null || step.getAsLong() <= lastStep) {
            return false; // used before; not counted as a guess, because some clients send a request twice
        }
        lastStep = step.getAsLong();
        return true;
    }

    private void countWrongCode(Instant now) {
        wrongCodes = Math.min(wrongCodes + 1, MAX_WRONG_CODES);
        int doublings = wrongCodes - FREE_ATTEMPTS;
        retryAt = doublings < 0
                ? null
                : now.plus(Duration.ofMinutes(Math.min(MAX_DELAY_MINUTES, 1L << Math.min(doublings, 6))));
    }

    boolean isConfirmed() {
        return confirmedAt != null;
    }

    @Nullable
    Instant confirmedAt() {
        return confirmedAt;
    }

    int recoveryCodesLeft() {
        return recoveryCodes.length;
    }

    /** The end of a delay that has not ended yet. */
    Optional<Instant> retryAt(Instant now) {
        return Optional.ofNullable(retryAt).filter(end -> end.isAfter(now));
    }

    private static String compact(String code) {
        return SEPARATORS.matcher(code).replaceAll("");
    }
}
