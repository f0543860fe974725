package dev.usersapi.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.usersapi.binding.MergePatch;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.http.Preconditions;
import dev.usersapi.role.Permission;
import dev.usersapi.role.Roles;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Tests the rules without a database. */
class UserServiceTests {

    private static final Preconditions NO_PRECONDITIONS = new Preconditions(null, null, false);
    private static final Instant NOW = Instant.parse("2026-11-23T12:34:56.123456789Z");
    private static final Set<Permission> EDITOR_PERMISSIONS = EnumSet.of(Permission.USERS_READ, Permission.USERS_WRITE);

    private record TestCaller(UserId id, Optional<UUID> session, Set<Permission> permissions) implements Caller {

        TestCaller(UserId id, Set<Permission> permissions) {
            this(id, Optional.of(id.value()), permissions);
        }

        @Override
        public String name() {
            return id.toString();
        }

        @Override
        public Optional<UserId> user() {
            return Optional.of(id);
        }
    }

    private final UserRepository users = mock();
    private final Roles roles = mock();
    private final PasswordEncoder passwords = mock();
    private final ApplicationEventPublisher events = mock();
    private final UserService service = new UserService(
            users,
            new UserTransaction(users, mock()),
            new UserChangeRules(users, roles),
            passwords,
            events,
            Clock.fixed(NOW, ZoneOffset.UTC),
            new Random(1));

    private final TestCaller admin = new TestCaller(UserId.next(NOW, new Random(2)), EnumSet.allOf(Permission.class));
    private final TestCaller editor = new TestCaller(UserId.next(NOW, new Random(3)), EDITOR_PERMISSIONS);
    private final TestCaller member = new TestCaller(UserId.next(NOW, new Random(4)), Set.of());

    @BeforeEach
    void stubRoles() {
        when(roles.permissionsOf(any())).thenReturn(Optional.empty());
        when(roles.permissionsOf("admin")).thenReturn(Optional.of(EnumSet.allOf(Permission.class)));
        when(roles.permissionsOf("editor")).thenReturn(Optional.of(EDITOR_PERMISSIONS));
        when(roles.permissionsOf("member")).thenReturn(Optional.of(Set.of()));
        when(passwords.encode(any(CharSequence.class))).thenReturn("hash");
        when(users.save(any())).thenAnswer(call -> call.getArgument(0));
    }

    private User storedUser(UserId id, String role, UserStatus status) {
        User user = new User(id, "a@example.com", "Ann", role, status, "hash", UserSettings.of(null), NOW);
        when(users.findForUpdate(id)).thenReturn(Optional.of(user));
        return user;
    }

    private User storedUser(String role, UserStatus status) {
        return storedUser(UserId.next(NOW, new Random(5)), role, status);
    }

    private static UpdateUserRequest name(String name) {
        return new UpdateUserRequest(null, name, null, null, null);
    }

    private static UpdateUserRequest role(String role) {
        return new UpdateUserRequest(null, null, role, null, null);
    }

    private static UpdateUserRequest status(UserStatus status) {
        return new UpdateUserRequest(null, null, null, status, null);
    }

    private static UpdateUserRequest email(String email) {
        return new UpdateUserRequest(email, null, null, null, null);
    }

    private static CreateUserRequest creation(String role) {
        return new CreateUserRequest("new@example.com", "New", role, "password-given", null);
    }

    private User create(CreateUserRequest request, Caller caller) {
        return service.create(service.prepare(request, caller), caller);
    }

    private static void assertRefused(ErrorCode code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    @Test
    void createStoresAPendingUserWithHashedPassword() {
        User user = create(creation("editor"), editor);

        assertThat(user.status()).isEqualTo(UserStatus.PENDING);
        assertThat(user.passwordHash()).isEqualTo("hash");
        assertThat(user.createdAt()).isEqualTo(Instant.parse("2026-11-23T12:34:56.123456Z"));
        assertThat(user.id().value().getMostSignificantBits() >>> 16).isEqualTo(NOW.toEpochMilli());
        verify(users).flush();
    }

    @Test
    void createStoresNoPasswordWhenNoneIsGiven() {
        User user = create(new CreateUserRequest("new@example.com", "New", "member", null, null), admin);

        assertThat(user.passwordHash()).isNull();
        verify(events).publishEvent(new UserCreated(user.id()));
    }

    @Test
    void updatePublishesAnEventWithTheFormerEmail() {
        User user = storedUser("member", UserStatus.ACTIVE);

        service.update(user.id(), email("a@example.com"), admin, NO_PRECONDITIONS);
        verify(events, never()).publishEvent(any(Object.class));
        service.update(user.id(), email("b@example.com"), admin, NO_PRECONDITIONS);

        assertThat(user.email()).isEqualTo("b@example.com");
        verify(events).publishEvent(new EmailChanged(user.id(), "a@example.com"));
    }

    @Test
    void createIsRefusedWhenTheCallerLacksPermissionsOfTheRole() {
        assertRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> create(creation("admin"), editor));
        verify(passwords, never()).encode(any());
        verify(users, never()).save(any());
    }

    @Test
    void roleThatWasDeletedAfterTheValidationIsInvalid() {
        User target = storedUser("member", UserStatus.ACTIVE);
        User prepared = service.prepare(creation("editor"), admin);
        when(roles.permissionsOf("editor")).thenReturn(Optional.empty());

        assertRefused(ErrorCode.INVALID_REQUEST, () -> service.prepare(creation("editor"), admin));
        assertRefused(ErrorCode.INVALID_REQUEST, () -> service.create(prepared, admin));
        assertRefused(
                ErrorCode.INVALID_REQUEST, () -> service.update(target.id(), role("editor"), admin, NO_PRECONDITIONS));
        verify(users, never()).save(any());
    }

    @Test
    void everyChangeIsRefusedWithoutItsPermission() {
        User target = storedUser("member", UserStatus.ACTIVE);

        assertRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> create(creation("member"), member));
        assertRefused(
                ErrorCode.INSUFFICIENT_PERMISSIONS,
                () -> service.update(target.id(), name("X"), member, NO_PRECONDITIONS));
        assertRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> service.delete(target.id(), editor, NO_PRECONDITIONS));
        verify(users, never()).save(any());
        verify(users, never()).delete(any());
    }

    @Test
    void updateIsRefusedWhenTheCallerLacksPermissionsOfARole() {
        User target = storedUser("admin", UserStatus.ACTIVE);
        assertRefused(
                ErrorCode.INSUFFICIENT_PERMISSIONS,
                () -> service.update(target.id(), name("X"), editor, NO_PRECONDITIONS));
        User lesser = storedUser("member", UserStatus.ACTIVE);
        assertRefused(
                ErrorCode.INSUFFICIENT_PERMISSIONS,
                () -> service.update(lesser.id(), role("admin"), editor, NO_PRECONDITIONS));
        assertThat(lesser.role()).isEqualTo("member");
    }

    @Test
    void deleteIsRefusedWhenTheCallerLacksPermissionsOfTheRole() {
        User target = storedUser("admin", UserStatus.INACTIVE);
        Caller deleter = new TestCaller(editor.id(), EnumSet.of(Permission.USERS_DELETE));

        assertRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> service.delete(target.id(), deleter, NO_PRECONDITIONS));
        verify(users, never()).delete(any());
    }

    @Test
    void updateOfTheOwnUserCanChangeTheNameButNotRoleStatusOrEmail() {
        User self = storedUser(member.id(), "member", UserStatus.ACTIVE);

        assertThat(service.update(self.id(), name("Me"), member, NO_PRECONDITIONS)
                        .name())
                .isEqualTo("Me");
        assertRefused(
                ErrorCode.OWN_ROLE_OR_STATUS, () -> service.update(self.id(), role("admin"), member, NO_PRECONDITIONS));
        assertRefused(
                ErrorCode.OWN_ROLE_OR_STATUS,
                () -> service.update(self.id(), status(UserStatus.INACTIVE), member, NO_PRECONDITIONS));
        assertRefused(
                ErrorCode.OWN_EMAIL, () -> service.update(self.id(), email("b@example.com"), member, NO_PRECONDITIONS));
        verify(events, never()).publishEvent(any(Object.class));
    }

    @Test
    void updateOfTheOwnEmailIsRefusedForAdminsToo() {
        User self = storedUser(admin.id(), "admin", UserStatus.ACTIVE);

        assertRefused(
                ErrorCode.OWN_EMAIL, () -> service.update(self.id(), email("b@example.com"), admin, NO_PRECONDITIONS));
        assertThat(service.update(self.id(), email("a@example.com"), admin, NO_PRECONDITIONS)
                        .email())
                .as("unchanged")
                .isEqualTo("a@example.com");
    }

    @Test
    void updateOfTheOwnUserByApiKeyNeedsAllPermissionsOfTheOwner() {
        User self = storedUser(admin.id(), "admin", UserStatus.ACTIVE);
        TestCaller full = new TestCaller(admin.id(), Optional.empty(), admin.permissions());
        TestCaller lesser = new TestCaller(admin.id(), Optional.empty(), EDITOR_PERMISSIONS);

        assertThat(service.update(self.id(), name("Me"), full, NO_PRECONDITIONS).name())
                .isEqualTo("Me");
        assertRefused(
                ErrorCode.OWN_EMAIL, () -> service.update(self.id(), email("b@example.com"), full, NO_PRECONDITIONS));
        assertRefused(
                ErrorCode.OWN_ROLE_OR_STATUS, () -> service.update(self.id(), role("member"), full, NO_PRECONDITIONS));
        assertRefused(
                ErrorCode.INSUFFICIENT_PERMISSIONS,
                () -> service.update(self.id(), name("X"), lesser, NO_PRECONDITIONS));
    }

    @Test
    void deleteOfTheOwnUserIsRefused() {
        storedUser(admin.id(), "admin", UserStatus.ACTIVE);

        assertRefused(ErrorCode.OWN_ACCOUNT, () -> service.delete(admin.id(), admin, NO_PRECONDITIONS));
    }

    @Test
    void requirePermissionToManageOtherRefusesTheOwnUser() {
        User other = storedUser("member", UserStatus.ACTIVE);
        when(users.findById(other.id())).thenReturn(Optional.of(other));
        UserId gone = UserId.next(NOW, new Random(9));
        when(users.findById(gone)).thenReturn(Optional.empty());

        assertThat(service.requirePermissionToManageOther(other.id(), Permission.USERS_WRITE, editor))
                .isSameAs(other);
        assertRefused(
                ErrorCode.OWN_ACCOUNT,
                () -> service.requirePermissionToManageOther(admin.id(), Permission.USERS_WRITE, admin));
        assertRefused(
                ErrorCode.USER_NOT_FOUND,
                () -> service.requirePermissionToManageOther(gone, Permission.USERS_WRITE, editor));
        assertRefused(
                ErrorCode.INSUFFICIENT_PERMISSIONS,
                () -> service.requirePermissionToManageOther(other.id(), Permission.USERS_WRITE, member));
    }

    @Test
    void updateAndDeleteAreRefusedWhenTheUserDoesNotExist() {
        UserId id = UserId.next(NOW, new Random(9));
        when(users.findForUpdate(id)).thenReturn(Optional.empty());

        assertRefused(ErrorCode.USER_NOT_FOUND, () -> service.update(id, name("X"), admin, NO_PRECONDITIONS));
        assertRefused(ErrorCode.USER_NOT_FOUND, () -> service.delete(id, admin, NO_PRECONDITIONS));
    }

    @Test
    void updateAndDeleteOfTheLastActiveAdminAreRefused() {
        User last = storedUser("admin", UserStatus.ACTIVE);
        when(users.hasOtherActiveAdmin(last.id())).thenReturn(false);

        assertRefused(ErrorCode.LAST_ADMIN, () -> service.update(last.id(), role("member"), admin, NO_PRECONDITIONS));
        assertRefused(
                ErrorCode.LAST_ADMIN,
                () -> service.update(last.id(), status(UserStatus.INACTIVE), admin, NO_PRECONDITIONS));
        assertRefused(ErrorCode.LAST_ADMIN, () -> service.delete(last.id(), admin, NO_PRECONDITIONS));
        assertThat(last.isActiveAdmin()).isTrue();
        verify(users, never()).delete(any());
        // a change that keeps the admin active needs no other admin
        assertThat(service.update(last.id(), name("Still"), admin, NO_PRECONDITIONS)
                        .name())
                .isEqualTo("Still");
    }

    @Test
    void deleteLocksAdminsBeforeItLooksForOthers() {
        User target = storedUser("admin", UserStatus.ACTIVE);
        when(users.hasOtherActiveAdmin(target.id())).thenReturn(true);

        service.delete(target.id(), admin, NO_PRECONDITIONS);

        var order = inOrder(users);
        order.verify(users).lockAdmins();
        order.verify(users).hasOtherActiveAdmin(target.id());
        order.verify(users).delete(target);
        order.verify(users).flush();
    }

    @Test
    void deleteOfAnInactiveAdminNeedsNoOtherAdmin() {
        User inactive = storedUser("admin", UserStatus.INACTIVE);

        service.delete(inactive.id(), admin, NO_PRECONDITIONS);

        verify(users).delete(inactive);
        verify(users, never()).lockAdmins();
    }

    @Test
    void changesOfAccessPublishEvents() {
        User target = storedUser("member", UserStatus.PENDING);

        service.update(target.id(), name("X"), admin, NO_PRECONDITIONS);
        verify(events, never()).publishEvent(any(Object.class));
        service.update(target.id(), status(UserStatus.ACTIVE), admin, NO_PRECONDITIONS);
        service.update(target.id(), role("editor"), admin, NO_PRECONDITIONS);
        service.delete(target.id(), admin, NO_PRECONDITIONS);

        verify(events, times(3)).publishEvent(new AccessChanged(target.id()));
    }

    @Test
    void updateSetsUpdatedAtOnlyWhenAValueChanges() {
        User target = storedUser("member", UserStatus.ACTIVE);

        assertThat(service.update(target.id(), name("Ann"), admin, NO_PRECONDITIONS)
                        .updatedAt())
                .isNull();
        assertThat(service.update(target.id(), name("Bea"), admin, NO_PRECONDITIONS)
                        .updatedAt())
                .isEqualTo(Instant.parse("2026-11-23T12:34:56.123456Z"));
    }

    @Test
    void preconditionsAreCheckedAfterAllRulesAndBeforeAnyChange() {
        Preconditions ifMatchRequired = new Preconditions(null, null, true);
        User target = storedUser("member", UserStatus.ACTIVE);
        User last = storedUser(UserId.next(NOW, new Random(6)), "admin", UserStatus.ACTIVE);
        PatchUserRequest patch = new PatchUserRequest("b@example.com", null, "editor", null, new MergePatch(null));

        assertRefused(
                ErrorCode.PRECONDITION_REQUIRED,
                () -> service.update(target.id(), role("editor"), admin, ifMatchRequired));
        assertRefused(ErrorCode.PRECONDITION_REQUIRED, () -> service.patch(target.id(), patch, admin, ifMatchRequired));
        assertRefused(ErrorCode.PRECONDITION_REQUIRED, () -> service.delete(target.id(), admin, ifMatchRequired));
        assertRefused(
                ErrorCode.INSUFFICIENT_PERMISSIONS,
                () -> service.update(target.id(), role("editor"), member, ifMatchRequired));
        assertRefused(ErrorCode.LAST_ADMIN, () -> service.update(last.id(), role("member"), admin, ifMatchRequired));
        assertRefused(ErrorCode.LAST_ADMIN, () -> service.delete(last.id(), admin, ifMatchRequired));
        assertThat(target.role()).isEqualTo("member");
        verify(events, never()).publishEvent(any(Object.class));
        verify(users, never()).delete(any());
    }

    @Test
    void createFirstAdminCreatesAnAdminOnlyWithoutUsers() {
        when(users.hasAny()).thenReturn(true);
        assertThat(service.createFirstAdmin(creation("admin"))).isFalse();
        verify(users, never()).save(any());

        when(users.hasAny()).thenReturn(false);
        assertThat(service.createFirstAdmin(creation("admin"))).isTrue();
        verify(events, never()).publishEvent(any(Object.class));
        ArgumentCaptor<User> saved = ArgumentCaptor.captor();
        verify(users).save(saved.capture());
        assertThat(saved.getValue().isActiveAdmin()).isTrue();
        verify(users, times(2)).lockAdmins();
    }

    @Test
    void recordLoginReturnsFalseWhenTheUserChanged() {
        User user = storedUser("member", UserStatus.ACTIVE);
        Instant now = Instant.parse("2026-11-23T12:34:56.123456Z");
        when(users.recordLogin(user.id(), "hash", now)).thenReturn(1, 0);

        assertThat(service.recordLogin(user)).isTrue();
        assertThat(service.recordLogin(user)).isFalse();
    }
}
