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

/** The rules alone; that the database keeps its part is for the ITs to show. */
class UserServiceTests {

    private static final Preconditions NONE = new Preconditions(null, null, false);
    private static final Instant NOW = Instant.parse("2026-11-23T12:34:56.123456789Z");
    private static final Set<Permission> EDITOR = EnumSet.of(Permission.USERS_READ, Permission.USERS_WRITE);

    private record Someone(UserId id, Optional<UUID> session, Set<Permission> permissions) implements Caller {

        Someone(UserId id, Set<Permission> permissions) {
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

    private final Someone admin = new Someone(UserId.next(NOW, new Random(2)), EnumSet.allOf(Permission.class));
    private final Someone editor = new Someone(UserId.next(NOW, new Random(3)), EDITOR);
    private final Someone member = new Someone(UserId.next(NOW, new Random(4)), Set.of());

    @BeforeEach
    void roles() {
        when(roles.permissionsOf(any())).thenReturn(Optional.empty());
        when(roles.permissionsOf("admin")).thenReturn(Optional.of(EnumSet.allOf(Permission.class)));
        when(roles.permissionsOf("editor")).thenReturn(Optional.of(EDITOR));
        when(roles.permissionsOf("member")).thenReturn(Optional.of(Set.of()));
        when(passwords.encode(any(CharSequence.class))).thenReturn("hash");
        when(users.save(any())).thenAnswer(call -> call.getArgument(0));
    }

    private User stored(UserId id, String role, UserStatus status) {
        User user = new User(id, "a@example.com", "Ann", role, status, "hash", UserSettings.of(null), NOW);
        when(users.findForUpdate(id)).thenReturn(Optional.of(user));
        return user;
    }

    private User stored(String role, UserStatus status) {
        return stored(UserId.next(NOW, new Random(5)), role, status);
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

    private static void isRefused(ErrorCode code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    @Test
    void createdUserIsPendingWithHashedPasswordAndMicroseconds() {
        User user = create(creation("editor"), editor);

        assertThat(user.status()).isEqualTo(UserStatus.PENDING);
        assertThat(user.passwordHash()).isEqualTo("hash");
        assertThat(user.createdAt()).isEqualTo(Instant.parse("2026-11-23T12:34:56.123456Z"));
        assertThat(user.id().value().getMostSignificantBits() >>> 16).isEqualTo(NOW.toEpochMilli());
        verify(users).flush();
    }

    @Test
    void whoIsCreatedWithoutPasswordHasNone() {
        User user = create(new CreateUserRequest("new@example.com", "New", "member", null, null), admin);

        assertThat(user.passwordHash()).isNull();
        verify(events).publishEvent(new UserCreated(user.id()));
    }

    @Test
    void changedEmailIsToldWithTheFormerOne() {
        User user = stored("member", UserStatus.ACTIVE);

        service.update(user.id(), email("a@example.com"), admin, NONE);
        verify(events, never()).publishEvent(any(Object.class));
        service.update(user.id(), email("b@example.com"), admin, NONE);

        assertThat(user.email()).isEqualTo("b@example.com");
        verify(events).publishEvent(new EmailChanged(user.id(), "a@example.com"));
    }

    @Test
    void nobodyCreatesBeyondTheirOwnPower() {
        isRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> create(creation("admin"), editor));
        isRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> create(creation("gone"), admin));
        verify(passwords, never()).encode(any());
        verify(users, never()).save(any());
    }

    @Test
    void permissionIsAskedForAtTheDeed() {
        User target = stored("member", UserStatus.ACTIVE);

        isRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> create(creation("member"), member));
        isRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> service.update(target.id(), name("X"), member, NONE));
        isRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> service.delete(target.id(), editor, NONE));
        verify(users, never()).save(any());
        verify(users, never()).delete(any());
    }

    @Test
    void nobodyUpdatesBeyondTheirOwnPower() {
        User target = stored("admin", UserStatus.ACTIVE);
        isRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> service.update(target.id(), name("X"), editor, NONE));
        User lesser = stored("member", UserStatus.ACTIVE);
        isRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> service.update(lesser.id(), role("admin"), editor, NONE));
        assertThat(lesser.role()).isEqualTo("member");
    }

    @Test
    void nobodyDeletesBeyondTheirOwnPower() {
        User target = stored("admin", UserStatus.INACTIVE);
        Caller deleter = new Someone(editor.id(), EnumSet.of(Permission.USERS_DELETE));

        isRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> service.delete(target.id(), deleter, NONE));
        verify(users, never()).delete(any());
    }

    @Test
    void oneselfMayChangeNameButNotRoleOrStatus() {
        User self = stored(member.id(), "member", UserStatus.ACTIVE);

        assertThat(service.update(self.id(), name("Me"), member, NONE).name()).isEqualTo("Me");
        isRefused(ErrorCode.OWN_ROLE_OR_STATUS, () -> service.update(self.id(), role("admin"), member, NONE));
        isRefused(
                ErrorCode.OWN_ROLE_OR_STATUS,
                () -> service.update(self.id(), status(UserStatus.INACTIVE), member, NONE));
        isRefused(ErrorCode.OWN_EMAIL, () -> service.update(self.id(), email("b@example.com"), member, NONE));
        verify(events, never()).publishEvent(any(Object.class));
    }

    @Test
    void ownEmailNeedsMoreThanAPermission() {
        User self = stored(admin.id(), "admin", UserStatus.ACTIVE);

        isRefused(ErrorCode.OWN_EMAIL, () -> service.update(self.id(), email("b@example.com"), admin, NONE));
        assertThat(service.update(self.id(), email("a@example.com"), admin, NONE)
                        .email())
                .as("as it was read")
                .isEqualTo("a@example.com");
    }

    @Test
    void programChangesItsOwnersAccountWithAllOfTheirPowerAndNeverTheEmail() {
        User self = stored(admin.id(), "admin", UserStatus.ACTIVE);
        Someone full = new Someone(admin.id(), Optional.empty(), admin.permissions());
        Someone lesser = new Someone(admin.id(), Optional.empty(), EDITOR);

        assertThat(service.update(self.id(), name("Me"), full, NONE).name()).isEqualTo("Me");
        isRefused(ErrorCode.OWN_EMAIL, () -> service.update(self.id(), email("b@example.com"), full, NONE));
        isRefused(ErrorCode.OWN_ROLE_OR_STATUS, () -> service.update(self.id(), role("member"), full, NONE));
        isRefused(ErrorCode.INSUFFICIENT_PERMISSIONS, () -> service.update(self.id(), name("X"), lesser, NONE));
    }

    @Test
    void nobodyDeletesThemselves() {
        stored(admin.id(), "admin", UserStatus.ACTIVE);

        isRefused(ErrorCode.OWN_ACCOUNT, () -> service.delete(admin.id(), admin, NONE));
    }

    @Test
    void powerOverAnotherIsNoneOverOneself() {
        User other = stored("member", UserStatus.ACTIVE);
        when(users.findById(other.id())).thenReturn(Optional.of(other));
        UserId gone = UserId.next(NOW, new Random(9));
        when(users.findById(gone)).thenReturn(Optional.empty());

        assertThat(service.requirePermissionOverOther(other.id(), Permission.USERS_WRITE, editor))
                .isSameAs(other);
        isRefused(
                ErrorCode.OWN_ACCOUNT,
                () -> service.requirePermissionOverOther(admin.id(), Permission.USERS_WRITE, admin));
        isRefused(
                ErrorCode.USER_NOT_FOUND,
                () -> service.requirePermissionOverOther(gone, Permission.USERS_WRITE, editor));
        isRefused(
                ErrorCode.INSUFFICIENT_PERMISSIONS,
                () -> service.requirePermissionOverOther(other.id(), Permission.USERS_WRITE, member));
    }

    @Test
    void whoIsNotThereIsNotFound() {
        UserId id = UserId.next(NOW, new Random(9));
        when(users.findForUpdate(id)).thenReturn(Optional.empty());

        isRefused(ErrorCode.USER_NOT_FOUND, () -> service.update(id, name("X"), admin, NONE));
        isRefused(ErrorCode.USER_NOT_FOUND, () -> service.delete(id, admin, NONE));
    }

    @Test
    void lastActiveAdminIsKept() {
        User last = stored("admin", UserStatus.ACTIVE);
        when(users.hasOtherActiveAdmin(last.id())).thenReturn(false);

        isRefused(ErrorCode.LAST_ADMIN, () -> service.update(last.id(), role("member"), admin, NONE));
        isRefused(ErrorCode.LAST_ADMIN, () -> service.update(last.id(), status(UserStatus.INACTIVE), admin, NONE));
        isRefused(ErrorCode.LAST_ADMIN, () -> service.delete(last.id(), admin, NONE));
        assertThat(last.isActiveAdmin()).isTrue();
        verify(users, never()).delete(any());
        // what leaves the admin an admin needs no other
        assertThat(service.update(last.id(), name("Still"), admin, NONE).name()).isEqualTo("Still");
    }

    @Test
    void otherAdminsAreLookedForUnderTheLock() {
        User target = stored("admin", UserStatus.ACTIVE);
        when(users.hasOtherActiveAdmin(target.id())).thenReturn(true);

        service.delete(target.id(), admin, NONE);

        var order = inOrder(users);
        order.verify(users).lockAdmins();
        order.verify(users).hasOtherActiveAdmin(target.id());
        order.verify(users).delete(target);
        order.verify(users).flush();
    }

    @Test
    void adminWhoIsNotActiveNeedsNoOther() {
        User inactive = stored("admin", UserStatus.INACTIVE);

        service.delete(inactive.id(), admin, NONE);

        verify(users).delete(inactive);
        verify(users, never()).lockAdmins();
    }

    @Test
    void changesOfAccessAreTold() {
        User target = stored("member", UserStatus.PENDING);

        service.update(target.id(), name("X"), admin, NONE);
        verify(events, never()).publishEvent(any(Object.class));
        service.update(target.id(), status(UserStatus.ACTIVE), admin, NONE);
        service.update(target.id(), role("editor"), admin, NONE);
        service.delete(target.id(), admin, NONE);

        verify(events, times(3)).publishEvent(new AccessChanged(target.id()));
    }

    @Test
    void updateMovesUpdatedAtOnlyWithAChange() {
        User target = stored("member", UserStatus.ACTIVE);

        assertThat(service.update(target.id(), name("Ann"), admin, NONE).updatedAt())
                .isNull();
        assertThat(service.update(target.id(), name("Bea"), admin, NONE).updatedAt())
                .isEqualTo(Instant.parse("2026-11-23T12:34:56.123456Z"));
    }

    @Test
    void preconditionsAreHeldLastAndBeforeAnythingHappens() {
        Preconditions demanding = new Preconditions(null, null, true);
        User target = stored("member", UserStatus.ACTIVE);
        User last = stored(UserId.next(NOW, new Random(6)), "admin", UserStatus.ACTIVE);
        PatchUserRequest patch = new PatchUserRequest("b@example.com", null, "editor", null, new MergePatch(null));

        isRefused(ErrorCode.PRECONDITION_REQUIRED, () -> service.update(target.id(), role("editor"), admin, demanding));
        isRefused(ErrorCode.PRECONDITION_REQUIRED, () -> service.patch(target.id(), patch, admin, demanding));
        isRefused(ErrorCode.PRECONDITION_REQUIRED, () -> service.delete(target.id(), admin, demanding));
        isRefused(
                ErrorCode.INSUFFICIENT_PERMISSIONS,
                () -> service.update(target.id(), role("editor"), member, demanding));
        isRefused(ErrorCode.LAST_ADMIN, () -> service.update(last.id(), role("member"), admin, demanding));
        isRefused(ErrorCode.LAST_ADMIN, () -> service.delete(last.id(), admin, demanding));
        assertThat(target.role()).isEqualTo("member");
        verify(events, never()).publishEvent(any(Object.class));
        verify(users, never()).delete(any());
    }

    @Test
    void firstAdminIsMadeOnlyWhereThereIsNobody() {
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
    void loginIsRecordedOnlyForTheAccountAsItWasRead() {
        User user = stored("member", UserStatus.ACTIVE);
        Instant now = Instant.parse("2026-11-23T12:34:56.123456Z");
        when(users.recordLogin(user.id(), "hash", now)).thenReturn(1, 0);

        assertThat(service.recordLogin(user)).isTrue();
        assertThat(service.recordLogin(user)).isFalse();
    }
}
