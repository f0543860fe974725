package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import dev.usersapi.http.Preconditions;
import dev.usersapi.role.Permission;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/**
 * Creates, reads, changes and deletes users. A method throws {@link ProblemException} when the user does not exist, or
 * with the error code of the rule that the call breaks.
 */
@Service
public class UserService {

    private final UserRepository users;
    private final UserTransaction transaction;
    private final UserChangeRules rules;
    private final PasswordEncoder passwords;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final RandomGenerator random;

    UserService(
            UserRepository users,
            UserTransaction transaction,
            UserChangeRules rules,
            PasswordEncoder passwords,
            ApplicationEventPublisher events,
            Clock clock,
            RandomGenerator random) {
        this.users = users;
        this.transaction = transaction;
        this.rules = rules;
        this.passwords = passwords;
        this.events = events;
        this.clock = clock;
        this.random = random;
    }

    /** The first step of a creation, outside a transaction, because hashing the password takes long. */
    User prepare(CreateUserRequest request, Caller caller) {
        rules.requirePermissionToAssign(request.role(), caller);
        return newUser(request, UserStatus.PENDING);
    }

    /** Stores a prepared user. */
    User create(User user, Caller caller) {
        return transaction.run(() -> {
            // again, because the permissions may have changed while the password was hashed
            rules.requirePermissionToAssign(user.role(), caller);
            events.publishEvent(new UserCreated(user.id()));
            return users.save(user);
        });
    }

    User update(UserId id, UpdateUserRequest request, Caller caller, Preconditions preconditions) {
        return update(id, user -> request, caller, preconditions);
    }

    User patch(UserId id, PatchUserRequest patch, Caller caller, Preconditions preconditions) {
        return update(id, patch::applyTo, caller, preconditions);
    }

    private User update(
            UserId id, Function<User, UpdateUserRequest> change, Caller caller, Preconditions preconditions) {
        return transaction.run(() -> {
            User user = getForUpdate(id);
            UpdateUserRequest request = change.apply(user);
            rules.checkUpdate(user, request, caller);
            preconditions.requireForChange(user.tag());
            requireSettingsWithinLimit(request);
            if (user.changesAccess(request)) {
                events.publishEvent(new AccessChanged(id));
            }
            if (user.changesEmail(request)) {
                users.lockEmails();
                events.publishEvent(new EmailChanged(id, user.email()));
            }
            user.update(request, now());
            return user;
        });
    }

    /** The validation of a patch does not know the stored settings, so the size of the merged settings is checked here. */
    private static void requireSettingsWithinLimit(UpdateUserRequest request) {
        if (request.settings() != null && !UserSettings.of(request.settings()).fitsSizeLimit()) {
            throw new InvalidRequestException(Fault.inBody("/settings", "invalid_value", ValidSettings.TOO_LARGE));
        }
    }

    void delete(UserId id, Caller caller, Preconditions preconditions) {
        UserChangeRules.requireOther(id, caller);
        transaction.run(() -> {
            User user = getForUpdate(id);
            rules.checkDelete(user, caller);
            preconditions.requireForChange(user.tag());
            users.delete(user);
            events.publishEvent(new AccessChanged(id));
            return id; // not used, but a transaction needs a result
        });
    }

    public Optional<User> find(UserId id) {
        return users.findById(id);
    }

    public User get(UserId id) {
        return find(id).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
    }

    private User getForUpdate(UserId id) {
        return users.findForUpdate(id).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
    }

    /**
     * Returns the user if the caller has the given permission and all permissions of the user's role. Other features call
     * this method before they change a user's account.
     */
    public User requirePermissionToManage(UserId id, Permission permission, Caller caller) {
        User user = get(id);
        rules.requirePermissionToManage(user.role(), permission, caller);
        return user;
    }

    /** Like {@link #requirePermissionToManage}, but refuses the caller's own account, which a stolen session must not change. */
    public User requirePermissionToManageOther(UserId id, Permission permission, Caller caller) {
        UserChangeRules.requireOther(id, caller);
        return requirePermissionToManage(id, permission, caller);
    }

    /**
     * Sets {@code last_login}; needs a transaction. Returns false when the user was deleted, deactivated or given
     * another password since they were read.
     */
    public boolean recordLogin(User user) {
        return users.recordLogin(user.id(), user.passwordHash(), now()) == 1;
    }

    boolean hasUsers() {
        return users.hasAny();
    }

    /** Returns the e-mail of the active admin who was created first. */
    Optional<String> findAdminEmail() {
        return users.findAdminEmail();
    }

    /** Creates an active admin if there are no users. Of several instances that start together, one creates the admin. */
    boolean createFirstAdmin(CreateUserRequest request) {
        User admin = newUser(request, UserStatus.ACTIVE);
        return transaction.run(() -> {
            users.lockAdmins();
            boolean first = !hasUsers();
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

    /** Truncated to the precision of PostgreSQL, so that a response shows the time that is stored. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
