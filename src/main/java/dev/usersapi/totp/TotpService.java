package dev.usersapi.totp;

import dev.usersapi.binding.Rfc3339;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.failedlogin.FailedLoginsCleared;
import dev.usersapi.failedlogin.LoginAttempt;
import dev.usersapi.failedlogin.LoginAttempts;
import dev.usersapi.failedlogin.PasswordCheck;
import dev.usersapi.mail.Mail;
import dev.usersapi.mail.Outbox;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserResponse;
import dev.usersapi.user.UserService;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Shows and removes the second factor of a user. */
@Service
class TotpService {

    record State(
            boolean enabled,
            @Nullable Instant confirmedAt,
            int recoveryCodesLeft,
            @Nullable Instant retryAt) {

        static State of(SecondFactor factor, Instant now) {
            return new State(
                    true,
                    UserResponse.truncatedToSeconds(factor.confirmedAt()),
                    factor.recoveryCodesLeft(),
                    factor.retryAt(now).map(Rfc3339::roundUp).orElse(null));
        }
    }

    private static final State DISABLED = new State(false, null, 0, null);

    private final SecondFactorRepository factors;
    private final SecondFactorCheck secondFactor;
    private final PasswordCheck passwordCheck;
    private final LoginAttempts attempts;
    private final UserService users;
    private final Outbox outbox;
    private final TransactionTemplate transaction;
    private final Clock clock;

    TotpService(
            SecondFactorRepository factors,
            SecondFactorCheck secondFactor,
            PasswordCheck passwordCheck,
            LoginAttempts attempts,
            UserService users,
            Outbox outbox,
            PlatformTransactionManager transactions,
            Clock clock) {
        this.factors = factors;
        this.secondFactor = secondFactor;
        this.passwordCheck = passwordCheck;
        this.attempts = attempts;
        this.users = users;
        this.outbox = outbox;
        this.transaction = new TransactionTemplate(transactions);
        this.clock = clock;
    }

    State state(UserId id) {
        return factors.findConfirmedOfUser(id).stream()
                .map(factor -> factor == null ? DISABLED : State.of(factor, clock.instant()))
                .findFirst()
                .orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
    }

    void disable(UserId id, DisableTotpRequest request, String clientAddress) {
        User user = passwordCheck.require(id, request.password(), clientAddress);
        if (!factors.existsByUserIdAndConfirmedAtIsNotNull(id)) {
            throw new ProblemException(ErrorCode.TOTP_NOT_ENABLED);
        }
        try (LoginAttempt attempt = attempts.begin(user.email(), clientAddress)) {
            if (!secondFactor.accepts(id, request.code())) {
                attempt.failed();
                throw new ProblemException(ErrorCode.WRONG_CODE);
            }
            attempt.succeeded();
        }
        transaction.executeWithoutResult(status -> delete(user));
    }

    @EventListener
    void endDelay(FailedLoginsCleared cleared) {
        factors.endDelay(cleared.user());
    }

    /** Removes the second factor of another user, for example of one who lost the app and the recovery codes. */
    void remove(UserId id, Caller caller) {
        User user = users.requirePermissionToManageOther(id, Permission.USERS_WRITE, caller);
        transaction.executeWithoutResult(status -> delete(user));
    }

    private void delete(User user) {
        factors.findForUpdate(user.id()).ifPresent(factor -> {
            factors.delete(factor);
            if (factor.isConfirmed()) {
                outbox.queue(new Mail("totp-removed", user.email(), Map.of("name", user.name())));
            }
        });
    }
}
