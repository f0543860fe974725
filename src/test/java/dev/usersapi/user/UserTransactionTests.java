package dev.usersapi.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Supplier;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.exception.ConstraintViolationException.ConstraintKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class UserTransactionTests {

    private final UserRepository users = mock();
    private final Supplier<String> work = mock();
    private final UserTransaction transaction = new UserTransaction(users, mock());

    @BeforeEach
    void stubWork() {
        when(work.get()).thenReturn("done");
    }

    private static DataIntegrityViolationException violation(ConstraintKind kind, String constraint) {
        return new DataIntegrityViolationException(
                "", new ConstraintViolationException("", new SQLException(), "insert", kind, constraint));
    }

    @Test
    void runTranslatesAViolatedEmailConstraintAndNoOther() {
        doThrow(violation(ConstraintKind.UNIQUE, "users_email_key")).when(users).flush();
        assertThatThrownBy(() -> transaction.run(work))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.EMAIL_TAKEN));

        for (DataIntegrityViolationException other : List.of(
                violation(ConstraintKind.NOT_NULL, "users_email_key"),
                violation(ConstraintKind.UNIQUE, "users_pkey"),
                new DataIntegrityViolationException(""))) {
            doThrow(other).when(users).flush();
            assertThatThrownBy(() -> transaction.run(work)).isSameAs(other);
        }
    }

    @Test
    void runReportsAFaultWhenTheRoleWasDeleted() {
        doThrow(violation(ConstraintKind.FOREIGN_KEY, "users_role_fkey"))
                .when(users)
                .flush();

        assertThatThrownBy(() -> transaction.run(work))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        refusal -> assertThat(refusal.faults())
                                .extracting(Fault::pointer)
                                .containsExactly("#/role"));
    }

    @Test
    void runRetriesAfterADeadlock() {
        doThrow(new CannotAcquireLockException("1"))
                .doThrow(new CannotAcquireLockException("2"))
                .doNothing()
                .when(users)
                .flush();
        assertThat(transaction.run(work)).isEqualTo("done");
        verify(work, times(3)).get();

        doThrow(new CannotAcquireLockException("always")).when(users).flush();
        assertThatThrownBy(() -> transaction.run(work)).isInstanceOf(CannotAcquireLockException.class);
        verify(work, times(8)).get();
    }

    @Test
    void runDoesNotRetryAfterALockTimeout() {
        doThrow(new CannotAcquireLockException("", new SQLException("", "55P03")))
                .when(users)
                .flush();

        assertThatThrownBy(() -> transaction.run(work)).isInstanceOf(CannotAcquireLockException.class);
        verify(work).get();
    }

    @Test
    void runDoesNotRetryInAnExistingTransaction() {
        doThrow(new CannotAcquireLockException("1")).when(users).flush();
        TransactionSynchronizationManager.setActualTransactionActive(true);
        try {
            assertThatThrownBy(() -> transaction.run(work)).isInstanceOf(CannotAcquireLockException.class);
        } finally {
            TransactionSynchronizationManager.setActualTransactionActive(false);
        }
        verify(work).get();
    }
}
