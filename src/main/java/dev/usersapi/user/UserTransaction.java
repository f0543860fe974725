package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.function.Supplier;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.exception.ConstraintViolationException.ConstraintKind;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Runs changes of users in a transaction, retries them after a deadlock, and translates violated constraints. */
@Component
class UserTransaction {

    private static final int MAX_ATTEMPTS = 5;
    private static final String LOCK_NOT_AVAILABLE = "55P03"; // the SQLSTATE after lock_timeout

    private final UserRepository users;
    private final TransactionTemplate transaction;

    UserTransaction(UserRepository users, PlatformTransactionManager transactions) {
        this.users = users;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * Runs the work in a transaction, or in the current one. Retries when PostgreSQL resolved a deadlock by aborting the
     * transaction, but neither in a transaction that already existed, which must roll back as a whole, nor when
     * {@code lock_timeout} expired.
     *
     * @throws ProblemException {@link ErrorCode#EMAIL_TAKEN}
     * @throws InvalidRequestException when the role has been deleted since it was validated
     */
    <T> T run(Supplier<T> work) {
        boolean joinsTransaction = TransactionSynchronizationManager.isActualTransactionActive();
        for (int attempt = 1; ; attempt++) {
            try {
                return Objects.requireNonNull(transaction.execute(status -> {
                    T result = work.get();
                    users.flush();
                    return result;
                }));
            } catch (DataIntegrityViolationException e) {
                throw translated(e);
            } catch (PessimisticLockingFailureException e) {
                if (attempt == MAX_ATTEMPTS || joinsTransaction || isLockTimeout(e)) {
                    throw e;
                }
            }
        }
    }

    private static boolean isLockTimeout(PessimisticLockingFailureException e) {
        return e.getRootCause() instanceof SQLException cause && LOCK_NOT_AVAILABLE.equals(cause.getSQLState());
    }

    private static RuntimeException translated(DataIntegrityViolationException e) {
        if (isViolation(e, ConstraintKind.UNIQUE, "users_email_key")) {
            return new ProblemException(ErrorCode.EMAIL_TAKEN);
        }
        if (isViolation(e, ConstraintKind.FOREIGN_KEY, "users_role_fkey")) {
            return UserChangeRules.unknownRole();
        }
        return e;
    }

    private static boolean isViolation(DataIntegrityViolationException e, ConstraintKind kind, String constraint) {
        return e.getCause() instanceof ConstraintViolationException violation
                && violation.getKind() == kind
                && constraint.equals(violation.getConstraintName());
    }
}
