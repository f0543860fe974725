package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import dev.usersapi.http.Preconditions;
import dev.usersapi.role.Permission;
import dev.usersapi.role.Roles;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/**
 * The users and the rules that keep them sound. Every method throws {@link ProblemException} with the code of the rule
 * that a call breaks.
 */
@Service
public class UserService {

    private final UserRepository users;
    private final UserTransaction transaction;
    private final Roles roles;
    private final PasswordEncoder passwords;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final RandomGenerator random;

    UserService(
            UserRepository users,
            UserTransaction transaction,
            Roles roles,
            PasswordEncoder passwords,
            ApplicationEventPublisher events,
            Clock clock,
            RandomGenerator random) {
        this.users = users;
        this.transaction = transaction;
        this.roles = roles;
        this.passwords = passwords;
        this.events = events;
        this.clock = clock;
        this.random = random;
    }

    /** A user to be created, if the caller may. Takes as long as hashing does, so not for use inside a transaction. */
    User prepare(CreateUserRequest request, Caller caller) {
        requirePowerOver(request.role(), Permission.USERS_WRITE, caller);
        return newUser(request, UserStatus.PENDING);
    }

    User create(User user, Caller caller) {
        return transaction.run(() -> {
            requirePowerOver(user.role(), Permission.USERS_WRITE, caller); // hashing was long enough to change this
            events.publishEvent(new UserCreated(user.id()));
            return users.save(user);
        });
    }

    User update(UserId id, UpdateUserRequest request, Caller caller, Preconditions conditions) {
        return update(id, user -> request, caller, conditions);
    }

    User patch(UserId id, PatchUserRequest patch, Caller caller, Preconditions conditions) {
        return update(id, patch::applyTo, caller, conditions);
    }

    /** @param change asked of the user as they are once nobody else can change them before this is done */
    private User update(UserId id, Function<User, UpdateUserRequest> change, Caller caller, Preconditions conditions) {
        return transaction.run(() -> {
            User user = users.findForUpdate(id).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
            UpdateUserRequest request = change.apply(user);
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
            conditions.requireForChange(user.tag());
            requireSmallSettings(request);
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

    void delete(UserId id, Caller caller, Preconditions conditions) {
        requireAnother(id, caller);
        transaction.run(() -> {
            User user = users.findForUpdate(id).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
            requirePowerOver(user.role(), Permission.USERS_DELETE, caller);
            if (user.isActiveAdmin()) {
                requireOtherActiveAdmin(id);
            }
            conditions.requireForChange(user.tag());
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

    /** As {@link #requirePowerOver} has it, of somebody else: what a stolen session must not do to its own account. */
    public User requirePowerOverAnother(UserId id, Permission permission, Caller caller) {
        requireAnother(id, caller);
        return requirePowerOver(id, permission, caller);
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

    /** The first of the active admins. */
    Optional<String> emailOfAnAdmin() {
        return users.findEmailOfAnAdmin();
    }

    public boolean hasUsers() {
        return users.hasAny();
    }

    /** Makes an active admin where there is no user at all, also when several instances start at once. */
    boolean createFirstAdmin(CreateUserRequest request) {
        User admin = newUser(request, UserStatus.ACTIVE);
        return transaction.run(() -> {
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

    private static void requireAnother(UserId id, Caller caller) {
        if (caller.is(id)) {
            throw new ProblemException(ErrorCode.OWN_ACCOUNT);
        }
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

    /** Of a patch, the outcome of which is known only here. */
    private static void requireSmallSettings(UpdateUserRequest request) {
        if (request.settings() != null && !UserSettings.of(request.settings()).isSmall()) {
            throw new InvalidRequestException(Fault.inBody("/settings", "invalid_value", ValidSettings.TOO_LARGE));
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

    /** At the precision that PostgreSQL keeps, so that what is answered now is what is read later. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
