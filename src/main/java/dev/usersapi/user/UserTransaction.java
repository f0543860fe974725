package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import dev.usersapi.role.ExistingRole;
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

/** What changes users runs in one of these. */
@Component
class UserTransaction {

    private static final int MOST_ATTEMPTS = 5;

    private final UserRepository users;
    private final TransactionTemplate transaction;

    UserTransaction(UserRepository users, PlatformTransactionManager transactions) {
        this.users = users;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * Does the work, again when PostgreSQL broke a deadlock; not again in a caller's transaction, which is lost, nor when
     * it waited too long for a lock.
     *
     * @throws ProblemException {@link ErrorCode#EMAIL_TAKEN}
     * @throws InvalidRequestException when the role has been deleted since it was validated
     */
    <T> T run(Supplier<T> work) {
        boolean inCallers = TransactionSynchronizationManager.isActualTransactionActive();
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
                if (attempt == MOST_ATTEMPTS || inCallers || isOfLockTimeout(e)) {
                    throw e;
                }
            }
        }
    }

    private static boolean isOfLockTimeout(PessimisticLockingFailureException e) {
        return e.getRootCause() instanceof SQLException cause && "55P03".equals(cause.getSQLState());
    }

    private static RuntimeException translated(DataIntegrityViolationException e) {
        if (isOf(e, ConstraintKind.UNIQUE, "users_email_key")) {
            return new ProblemException(ErrorCode.EMAIL_TAKEN);
        }
        if (isOf(e, ConstraintKind.FOREIGN_KEY, "users_role_fkey")) {
            return new InvalidRequestException(Fault.inBody("/role", "invalid_value", ExistingRole.MESSAGE));
        }
        return e;
    }

    private static boolean isOf(DataIntegrityViolationException e, ConstraintKind kind, String constraint) {
        return e.getCause() instanceof ConstraintViolationException violation
                && violation.getKind() == kind
                && constraint.equals(violation.getConstraintName());
    }
}
