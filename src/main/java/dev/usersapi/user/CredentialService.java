package dev.usersapi.user;

import dev.usersapi.binding.EmailAddress;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;

/**
 * Changes the e-mail and the password that users log in with. Each change has a condition, which is tested with the locked
 * user in the transaction of the change; it may also redeem the one-time token that permits the change. When the condition
 * is false or the user does not exist, nothing changes and the method returns false.
 */
@Service
public class CredentialService {

    private final UserRepository users;
    private final UserTransaction transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    CredentialService(
            UserRepository users, UserTransaction transaction, ApplicationEventPublisher events, Clock clock) {
        this.users = users;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
    }

    /** Ignores case. */
    public Optional<User> findByEmail(String email) {
        // other texts cannot be stored, so that no query is needed
        return EmailAddress.Check.isValid(email) ? users.findByEmail(email) : Optional.empty();
    }

    /** Makes a user active, and sets a password unless the hash is null. */
    public boolean activate(UserId id, @Nullable String passwordHash, Predicate<User> condition) {
        return change(id, condition, user -> {
            if (passwordHash != null && user.passwordHash() != null) {
                events.publishEvent(new PasswordChanged(id, null));
            }
            user.activate(passwordHash, now());
            events.publishEvent(new AccessChanged(id));
        });
    }

    /**
     * Sets a new password and ends the sessions of the user.
     *
     * @param keptSession the session that does not end, or null
     */
    public boolean changePassword(
            UserId id, String passwordHash, @Nullable UUID keptSession, Predicate<User> condition) {
        return change(id, condition, user -> {
            user.changePassword(passwordHash);
            events.publishEvent(new PasswordChanged(id, keptSession));
            events.publishEvent(new AccessChanged(id));
        });
    }

    /**
     * Sets a new e-mail.
     *
     * @throws dev.usersapi.error.ProblemException {@link dev.usersapi.error.ErrorCode#EMAIL_TAKEN}
     */
    public boolean changeEmail(UserId id, String email, Predicate<User> condition) {
        return change(id, condition, user -> {
            users.lockEmails();
            events.publishEvent(new EmailChanged(id, user.email()));
            user.changeEmail(email, now());
        });
    }

    private boolean change(UserId id, Predicate<User> condition, Consumer<User> change) {
        return transaction.run(() -> {
            Optional<User> user = users.findForUpdate(id).filter(condition);
            user.ifPresent(change);
            return user.isPresent();
        });
    }

    /** Stores a new hash of the same password, unless the password was changed since the user was read. */
    public void renewPasswordHash(User user, String renewed) {
        users.renewPasswordHash(user.id(), Objects.requireNonNull(user.passwordHash()), renewed);
    }

    /** Truncated to the precision of PostgreSQL. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
