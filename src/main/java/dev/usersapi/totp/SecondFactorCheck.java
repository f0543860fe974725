package dev.usersapi.totp;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.UserId;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Checks the second factor of users who have one. */
@Service
public class SecondFactorCheck {

    private final SecondFactorRepository factors;
    private final TransactionTemplate transaction;
    private final Clock clock;

    SecondFactorCheck(SecondFactorRepository factors, PlatformTransactionManager transactions, Clock clock) {
        this.factors = factors;
        this.transaction = new TransactionTemplate(transactions);
        this.clock = clock;
    }

    /**
     * Whether a login with the right password may go on: the user has no second factor, or the code is accepted, which
     * uses it up.
     *
     * @param code six digits or a recovery code; spaces, hyphens and case make no difference
     * @throws ProblemException {@link ErrorCode#TOO_MANY_ATTEMPTS} during the delay that follows wrong codes
     */
    public boolean passes(UserId user, @Nullable String code) {
        return !factors.existsByUserIdAndConfirmedAtIsNotNull(user) || (code != null && accepts(user, code));
    }

    /**
     * Accepts a code and uses it up. The lock on the row makes codes of one user wait for each other: a code is
     * accepted once, and concurrent guesses count like guesses in sequence. Must not be called inside a transaction,
     * because its rollback would forget a wrong code.
     *
     * @throws ProblemException {@link ErrorCode#TOO_MANY_ATTEMPTS} during the delay that follows wrong codes
     */
    boolean accepts(UserId user, String code) {
        return Boolean.TRUE.equals(transaction.execute(status -> factors.findForUpdate(user)
                .filter(factor -> factor.accepts(code, clock.instant()))
                .isPresent()));
    }
}
