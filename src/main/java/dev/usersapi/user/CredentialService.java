package dev.usersapi.user;

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
 * The e-mail and the password that users log in with. Whoever changes them makes a claim, such as a link that was sent
 * to the user, which is asked in the same transaction, of the user as they are now, and takes what permits the change.
 * Without it, or without the user, the answer is false and nothing has changed.
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

    /** Compares without regard to case. */
    public Optional<User> findByEmail(String email) {
        // no account has an e-mail in another form
        return EmailAddress.Check.isSound(email) ? users.findByEmail(email) : Optional.empty();
    }

    /** Makes a user active, with a new password where one is given. */
    public boolean activate(UserId id, @Nullable String passwordHash, Predicate<User> claim) {
        return change(id, claim, user -> {
            if (passwordHash != null && user.passwordHash() != null) {
                events.publishEvent(new PasswordChanged(id, null));
            }
            user.activate(passwordHash, now());
            events.publishEvent(new AccessChanged(id));
        });
    }

    /**
     * Gives a user another password, which ends their sessions.
     *
     * @param keptSession the one that does not end, or null
     */
    public boolean changePassword(UserId id, String passwordHash, @Nullable UUID keptSession, Predicate<User> claim) {
        return change(id, claim, user -> {
            user.changePassword(passwordHash);
            events.publishEvent(new PasswordChanged(id, keptSession));
            events.publishEvent(new AccessChanged(id));
        });
    }

    /**
     * Gives a user another e-mail.
     *
     * @throws dev.usersapi.error.ProblemException {@link dev.usersapi.error.ErrorCode#EMAIL_TAKEN}
     */
    public boolean changeEmail(UserId id, String email, Predicate<User> claim) {
        return change(id, claim, user -> {
            users.lockEmails();
            events.publishEvent(new EmailChanged(id, user.email()));
            user.changeEmail(email, now());
        });
    }

    private boolean change(UserId id, Predicate<User> claim, Consumer<User> change) {
        return transaction.run(() -> {
            Optional<User> user = users.findForUpdate(id).filter(claim);
            user.ifPresent(change);
            return user.isPresent();
        });
    }

    /** Keeps the same password in a newer form, unless another was set since the user was read. */
    public void renewPasswordHash(User user, String renewed) {
        users.renewPasswordHash(user.id(), Objects.requireNonNull(user.passwordHash()), renewed);
    }

    /** At the precision that PostgreSQL keeps. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
