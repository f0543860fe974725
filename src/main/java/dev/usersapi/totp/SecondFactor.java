package dev.usersapi.totp;

import dev.usersapi.user.UserId;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Asks for the second factor of those who have one. Each code counts once.
 *
 * <p>Who knows the password and guesses has three codes of a million on their side, those of the present step and its
 * neighbours, and {@value #MOST_WRONG_CODES} tries until the owner is there again (the limit of NIST SP 800-63B-4, section
 * 3.2.2): a chance of 0.03 %. After them only recovery codes are good; to lock the owner out this way takes the password,
 * too. The delays between failed log-ins alone would not do: with one try in 15 seconds, as an account allows to any
 * number of addresses together, the chance is 1.7 % a day.
 */
@Service
public class SecondFactor {

    private static final int MOST_WRONG_CODES = 100;
    private static final Pattern SEPARATORS = Pattern.compile("[\\s\\p{Z}-]"); // apps show "123 456"

    private final JdbcClient database;
    private final Clock clock;

    SecondFactor(JdbcClient database, Clock clock) {
        this.database = database;
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
     * Uses the code up. Of any number of callers with the same code one is told that it is good. Not for use inside a
     * transaction, whose end could forget a wrong code.
     */
    boolean accepts(UserId user, byte[] secret, String code) {
        OptionalLong step = stepOf(secret, code);
        boolean good = step.isPresent()
                ? use(user, secret, step.getAsLong())
                : RecoveryCode.hash(compact(code))
                        .filter(hash -> use(user, hash))
                        .isPresent();
        if (!good) {
            database.sql("update totp set wrong_codes = wrong_codes + 1 where user_id = ?")
                    .param(user.value())
                    .update();
        }
        return good;
    }

    private boolean use(UserId user, byte[] secret, long step) {
        return database.sql("""
                                update totp set last_step = :step, wrong_codes = 0
                                where user_id = :user and secret = :secret and last_step < :step
                                    and wrong_codes < :most""")
                        .param("step", step)
                        .param("user", user.value())
                        .param("secret", secret)
                        .param("most", MOST_WRONG_CODES)
                        .update()
                == 1;
    }

    private boolean use(UserId user, byte[] recoveryCode) {
        return database.sql("""
                                update totp set recovery_codes = array_remove(recovery_codes, :hash), wrong_codes = 0
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
