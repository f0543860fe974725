package dev.usersapi.totp;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Asks for the second factor of those who have one. Each code counts once.
 *
 * <p>Who knows the password and guesses has three codes of a million on their side, those of the present step and its
 * neighbours. After {@value #FREE} wrong ones no code is looked at for a minute, then two, and so on up to an hour, so
 * the chance is some 0.007 % a day; the delays between failed log-ins alone would leave 1.7 %. Recovery codes, which
 * nobody guesses, are good all the while, and with the next good code of either kind it begins anew.
 */
@Service
public class SecondFactor {

    private static final int FREE = 5;
    private static final Pattern SEPARATORS = Pattern.compile("[\\s\\p{Z}\\p{Pd}\uFEFF]"); // apps show "123 456"

    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final Clock clock;

    SecondFactor(JdbcClient database, PlatformTransactionManager transactions, Clock clock) {
        this.database = database;
        this.transaction = new TransactionTemplate(transactions);
        this.clock = clock;
    }

    /**
     * Whether a log-in with the right password may go on: the user has no second factor, or the code is good, which uses
     * it up.
     *
     * @param code six digits or a recovery code; spaces, hyphens and case make no difference
     */
    public boolean passes(UserId user, @Nullable String code) {
        return secret(user)
                .map(secret -> code != null && accepts(user, secret, code))
                .orElse(true);
    }

    /** Of a confirmed second factor. */
    Optional<byte[]> secret(UserId user) {
        return database.sql("select secret from totp where user_id = ? and confirmed_at is not null")
                .param(user.value())
                .query(byte[].class)
                .optional();
    }

    /**
     * Uses the code up. Of any number of callers with the same code one is told that it is good. Codes of a user are
     * checked one after the other, so that of many at once no more are checked than of as many in a row. Not for use
     * inside a transaction, whose end could forget a wrong code.
     *
     * @throws ProblemException {@link ErrorCode#TOO_MANY_ATTEMPTS} when no code is looked at now
     */
    boolean accepts(UserId user, byte[] secret, String code) {
        Optional<byte[]> recoveryCode = RecoveryCode.hash(compact(code));
        if (recoveryCode.isPresent()) {
            return use(user, recoveryCode.get());
        }
        return Boolean.TRUE.equals(transaction.execute(status -> acceptsTotp(user, secret, code)));
    }

    private boolean acceptsTotp(UserId user, byte[] secret, String code) {
        requireNoDelay(user);
        OptionalLong step = stepOf(secret, code);
        if (step.isPresent()) {
            return use(user, secret, step.getAsLong()); // one that was used before is no guess: some clients send twice
        }
        database.sql("""
                        update totp set wrong_codes = wrong_codes + 1,
                            retry_at = case when wrong_codes + 1 >= :free then now()
                                + make_interval(mins => least(60, power(2, least(wrong_codes + 1 - :free, 6)))::int) end
                        where user_id = :user""").param("free", FREE).param("user", user.value()).update();
        return false;
    }

    /** Locks the row. */
    private void requireNoDelay(UserId user) {
        // the clock, because now() is the time before the row was waited for
        database.sql(
                        "select 1000 * extract(epoch from retry_at - clock_timestamp()) from totp where user_id = ? for update")
                .param(user.value())
                .query((row, number) -> row.getLong(1)) // 0 for null
                .optional()
                .filter(wait -> wait > 0)
                .ifPresent(wait -> {
                    throw new ProblemException(ErrorCode.TOO_MANY_ATTEMPTS, Duration.ofMillis(wait));
                });
    }

    private boolean use(UserId user, byte[] secret, long step) {
        return database.sql("""
                                update totp set last_step = :step, wrong_codes = 0, retry_at = null
                                where user_id = :user and secret = :secret and last_step < :step""")
                        .param("step", step)
                        .param("user", user.value())
                        .param("secret", secret)
                        .update()
                == 1;
    }

    private boolean use(UserId user, byte[] recoveryCode) {
        return database.sql("""
                                update totp set recovery_codes = array_remove(recovery_codes, :hash),
                                    wrong_codes = 0, retry_at = null
                                where user_id = :user and :hash = any(recovery_codes)""")
                        .param("hash", recoveryCode)
                        .param("user", user.value())
                        .update()
                == 1;
    }

    /** The step whose code it is now. */
    OptionalLong stepOf(byte[] secret, String code) {
        return Totp.stepOf(secret, compact(code), clock.instant());
    }

    private static String compact(String code) {
        return SEPARATORS.matcher(code).replaceAll("");
    }
}
