package dev.usersapi.totp;

import dev.usersapi.binding.Rfc3339;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.guessing.Attempt;
import dev.usersapi.guessing.FailedLoginsCleared;
import dev.usersapi.guessing.LoginAttempts;
import dev.usersapi.guessing.PasswordCheck;
import dev.usersapi.mail.Mail;
import dev.usersapi.mail.Outbox;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Whether an account has a second factor, and how it goes again. Every method throws {@link ProblemException}. */
@Service
class TotpService {

    record State(
            boolean enabled,
            @Nullable Instant confirmedAt,
            int recoveryCodesLeft,
            @Nullable Instant retryAt) {

        static State of(ResultSet row) throws SQLException {
            OffsetDateTime confirmedAt = row.getObject("confirmed_at", OffsetDateTime.class);
            OffsetDateTime retryAt = row.getObject("retry_at", OffsetDateTime.class);
            return new State(
                    confirmedAt != null,
                    confirmedAt == null ? null : confirmedAt.toInstant().truncatedTo(ChronoUnit.SECONDS),
                    row.getInt("codes"),
                    retryAt == null ? null : Rfc3339.roundedUp(retryAt.toInstant()));
        }
    }

    private final JdbcClient database;
    private final SecondFactor secondFactor;
    private final PasswordCheck passwords;
    private final LoginAttempts attempts;
    private final UserService users;
    private final Outbox outbox;
    private final TransactionTemplate transaction;

    TotpService(
            JdbcClient database,
            SecondFactor secondFactor,
            PasswordCheck passwords,
            LoginAttempts attempts,
            UserService users,
            Outbox outbox,
            PlatformTransactionManager transactions) {
        this.database = database;
        this.secondFactor = secondFactor;
        this.passwords = passwords;
        this.attempts = attempts;
        this.users = users;
        this.outbox = outbox;
        this.transaction = new TransactionTemplate(transactions);
    }

    State state(UserId id) {
        return database.sql("""
                        select confirmed_at, cardinality(recovery_codes) as codes,
                            case when retry_at > now() then retry_at end as retry_at
                        from users u left join totp t on t.user_id = u.id and t.confirmed_at is not null
                        where u.id = ?""")
                .param(id.value())
                .query((row, number) -> State.of(row))
                .optional()
                .orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
    }

    void disable(UserId id, DisableTotpRequest request, String address) {
        User user = passwords.require(id, request.password(), address);
        byte[] secret = secondFactor.secret(id).orElseThrow(() -> new ProblemException(ErrorCode.TOTP_NOT_ENABLED));
        try (Attempt attempt = attempts.begin(user.email(), address)) {
            if (!secondFactor.accepts(id, secret, request.code())) {
                attempt.failed();
                throw new ProblemException(ErrorCode.WRONG_CODE);
            }
            attempt.succeeded();
        }
        transaction.executeWithoutResult(status -> delete(user));
    }

    @EventListener
    void endDelay(FailedLoginsCleared cleared) {
        database.sql("update totp set wrong_codes = 0, retry_at = null where user_id = ?")
                .param(cleared.user().value())
                .update();
    }

    /** For who lost the authenticator. */
    void remove(UserId id, Caller caller) {
        User user = users.requirePowerOverAnother(id, Permission.USERS_WRITE, caller);
        transaction.executeWithoutResult(status -> delete(user));
    }

    private void delete(User user) {
        boolean wasConfirmed = database.sql("delete from totp where user_id = ? returning confirmed_at is not null")
                .param(user.id().value())
                .query(Boolean.class)
                .optional()
                .orElse(false);
        if (wasConfirmed) {
            outbox.queue(new Mail("totp-removed", user.email(), Map.of("name", user.name())));
        }
    }
}
