package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import dev.usersapi.role.ExistingRole;
import dev.usersapi.role.Permission;
import dev.usersapi.role.Roles;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.exception.ConstraintViolationException.ConstraintKind;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The users and the rules that keep them sound. Every method throws {@link ProblemException} with the code of the rule
 * that a call breaks.
 */
@Service
public class UserService {

    private final UserRepository users;
    private final Roles roles;
    private final PasswordEncoder passwords;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final RandomGenerator random;

    UserService(
            UserRepository users,
            Roles roles,
            PasswordEncoder passwords,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions,
            Clock clock,
            RandomGenerator random) {
        this.users = users;
        this.roles = roles;
        this.passwords = passwords;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
        this.clock = clock;
        this.random = random;
    }

    /** A user to be created, if the caller may. Takes as long as hashing does, so not for use inside a transaction. */
    User prepare(CreateUserRequest request, Caller caller) {
        requirePowerOver(request.role(), Permission.USERS_WRITE, caller);
        return newUser(request, UserStatus.PENDING);
    }

    User create(User user, Caller caller) {
        return write(() -> {
            requirePowerOver(user.role(), Permission.USERS_WRITE, caller); // hashing was long enough to change this
            events.publishEvent(new UserCreated(user.id()));
            return users.save(user);
        });
    }

    User update(UserId id, UpdateUserRequest request, Caller caller) {
        return write(() -> {
            User user = users.findForUpdate(id).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
            if (caller.is(id)) {
                requireOwnChange(user, request);
            }
            if (!caller.is(id) || caller.session().isEmpty()) {
                requirePowerOver(user.role(), Permission.USERS_WRITE, caller);
            }
            if (request.role() != null && !request.role().equals(user.role())) {
                requirePowerOver(request.role(), Permission.USERS_WRITE, caller);
            }
            if (user.stepsDown(request)) {
                requireOtherActiveAdmin(id);
            }
            if (user.changesAccess(request)) {
                events.publishEvent(new AccessChanged(id));
            }
            if (user.changesEmail(request)) {
                events.publishEvent(new EmailChanged(id, user.email()));
            }
            user.update(request, now());
            return user;
        });
    }

    void delete(UserId id, Caller caller) {
        if (caller.is(id)) {
            throw new ProblemException(ErrorCode.OWN_ACCOUNT);
        }
        write(() -> {
            User user = users.findForUpdate(id).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
            requirePowerOver(user.role(), Permission.USERS_DELETE, caller);
            if (user.isActiveAdmin()) {
                requireOtherActiveAdmin(id);
            }
            users.delete(user);
            events.publishEvent(new AccessChanged(id));
            return id;
        });
    }

    /**
     * The user, when the caller holds the permission and whatever the user's role permits. Asked before another feature
     * acts on somebody's account.
     */
    public User requirePowerOver(UserId id, Permission permission, Caller caller) {
        User user = get(id);
        requirePowerOver(user.role(), permission, caller);
        return user;
    }

    /**
     * Makes a user active, with a new password where one is given.
     *
     * @param claim asked in the same transaction, of the user as they are now: takes what permits the change
     * @return false where the claim does not hold or the user is gone; then nothing has changed
     */
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
     * @param claim as {@link #activate} has it
     * @return as {@link #activate} has it
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
     * @param claim as {@link #activate} has it
     * @return as {@link #activate} has it
     */
    public boolean changeEmail(UserId id, String email, Predicate<User> claim) {
        return change(id, claim, user -> {
            events.publishEvent(new EmailChanged(id, user.email()));
            user.changeEmail(email, now());
        });
    }

    private boolean change(UserId id, Predicate<User> claim, Consumer<User> change) {
        return write(() -> {
            Optional<User> user = users.findForUpdate(id).filter(claim);
            user.ifPresent(change);
            return user.isPresent();
        });
    }

    /** For logging in; compared without regard to case. */
    public Optional<User> findByEmail(String email) {
        // no account has another e-mail, but PostgreSQL's lower() makes some letters beyond ASCII one of it
        return EmailAddress.Check.isSound(email) ? users.findByEmail(email) : Optional.empty();
    }

    public Optional<User> find(UserId id) {
        return users.findById(id);
    }

    public User get(UserId id) {
        return find(id).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
    }

    /** Sets {@code last_login}; false when the account changed since it was read. Needs a transaction. */
    public boolean recordLogin(User user) {
        return users.recordLogin(user.id(), user.passwordHash(), now()) == 1;
    }

    /** Keeps the same password in a newer form, unless another was set since the user was read. */
    public void renewPasswordHash(User user, String renewed) {
        users.renewPasswordHash(user.id(), Objects.requireNonNull(user.passwordHash()), renewed);
    }

    public boolean hasUsers() {
        return users.hasAny();
    }

    /** Makes an active admin where there is no user at all, also when several instances start at once. */
    boolean createFirstAdmin(CreateUserRequest request) {
        User admin = newUser(request, UserStatus.ACTIVE);
        return write(() -> {
            users.lockAdmins();
            boolean first = !users.hasAny();
            if (first) {
                users.save(admin);
            }
            return first;
        });
    }

    private User newUser(CreateUserRequest request, UserStatus status) {
        String hash = passwords.encode(request.password());
        Instant now = now();
        return new User(
                UserId.next(now, random),
                request.email(),
                request.name(),
                request.role(),
                status,
                hash,
                UserSettings.of(request.settings()),
                now);
    }

    /** What one may change of oneself is name and settings. */
    private static void requireOwnChange(User self, UpdateUserRequest request) {
        if (self.changesAccess(request)) {
            throw new ProblemException(ErrorCode.OWN_ROLE_OR_STATUS);
        }
        if (self.changesEmail(request)) { // who has the mailbox can have the account, so a stolen token must not do
            throw new ProblemException(ErrorCode.OWN_EMAIL);
        }
    }

    /** Nobody acts beyond their own power: the caller must hold the permission, and whatever the role permits. */
    private void requirePowerOver(String role, Permission permission, Caller caller) {
        Set<Permission> held = caller.permissions();
        boolean suffices = held.contains(permission)
                && roles.permissionsOf(role).map(held::containsAll).orElse(false);
        if (!suffices) {
            throw new ProblemException(ErrorCode.INSUFFICIENT_PERMISSIONS);
        }
    }

    private void requireOtherActiveAdmin(UserId id) {
        users.lockAdmins();
        if (!users.hasOtherActiveAdmin(id)) {
            throw new ProblemException(ErrorCode.LAST_ADMIN);
        }
    }

    /**
     * Runs in a transaction, again when PostgreSQL broke a deadlock, as two users swapping their e-mails make one; not
     * again in a caller's transaction, which is lost.
     */
    private <T> T write(Supplier<T> work) {
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
                if (attempt == 5 || TransactionSynchronizationManager.isActualTransactionActive()) {
                    throw e;
                }
            }
        }
    }

    private static RuntimeException translated(DataIntegrityViolationException e) {
        if (isOf(e, ConstraintKind.UNIQUE, "users_email_key")) {
            return new ProblemException(ErrorCode.EMAIL_TAKEN);
        }
        if (isOf(e, ConstraintKind.FOREIGN_KEY, "users_role_fkey")) { // the role was deleted since it was validated
            return new InvalidRequestException(Fault.inBody("/role", "invalid_value", ExistingRole.MESSAGE));
        }
        return e;
    }

    private static boolean isOf(DataIntegrityViolationException e, ConstraintKind kind, String constraint) {
        return e.getCause() instanceof ConstraintViolationException violation
                && violation.getKind() == kind
                && constraint.equals(violation.getConstraintName());
    }

    /** At the precision that PostgreSQL keeps, so that what is answered now is what is read later. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
