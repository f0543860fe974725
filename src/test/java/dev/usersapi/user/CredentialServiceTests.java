package dev.usersapi.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationEventPublisher;

/** Tests the rules without a database. */
class CredentialServiceTests {

    private static final Instant NOW = Instant.parse("2026-11-23T12:34:56.123456789Z");

    private final UserRepository users = mock();
    private final ApplicationEventPublisher events = mock();
    private final CredentialService service =
            new CredentialService(users, new UserTransaction(users, mock()), events, Clock.fixed(NOW, ZoneOffset.UTC));

    private User storedUser(UserStatus status) {
        UserId id = new UserId(UUID.randomUUID());
        User user = new User(id, "a@example.com", "Ann", "member", status, "hash", UserSettings.of(null), NOW);
        when(users.findForUpdate(id)).thenReturn(Optional.of(user));
        return user;
    }

    @Test
    void activatePublishesPasswordChangedOnlyWhenAPasswordIsReplaced() {
        User kept = storedUser(UserStatus.PENDING);
        assertThat(service.activate(kept.id(), null, user -> true)).isTrue();
        assertThat(kept.isActive()).isTrue();
        assertThat(kept.passwordHash()).isEqualTo("hash");
        verify(events, never()).publishEvent(any(PasswordChanged.class));
        verify(events).publishEvent(new AccessChanged(kept.id()));

        User replaced = storedUser(UserStatus.PENDING);
        assertThat(service.activate(replaced.id(), "new", user -> true)).isTrue();
        assertThat(replaced.passwordHash()).isEqualTo("new");
        verify(events).publishEvent(new PasswordChanged(replaced.id(), null));
        verify(events).publishEvent(new AccessChanged(replaced.id()));
    }

    @Test
    void changePasswordPublishesEvents() {
        User user = storedUser(UserStatus.ACTIVE);
        UUID session = UUID.randomUUID();

        assertThat(service.changePassword(user.id(), "new", session, current -> true))
                .isTrue();

        assertThat(user.passwordHash()).isEqualTo("new");
        verify(events).publishEvent(new PasswordChanged(user.id(), session));
        verify(events).publishEvent(new AccessChanged(user.id()));
    }

    @Test
    void changeEmailPublishesAnEventWithTheFormerEmail() {
        User user = storedUser(UserStatus.ACTIVE);

        assertThat(service.changeEmail(user.id(), "b@example.com", current -> true))
                .isTrue();

        assertThat(user.email()).isEqualTo("b@example.com");
        assertThat(user.updatedAt()).isEqualTo(Instant.parse("2026-11-23T12:34:56.123456Z"));
        verify(events).publishEvent(new EmailChanged(user.id(), "a@example.com"));
    }

    @Test
    void nothingChangesWhenTheConditionIsFalse() {
        User user = storedUser(UserStatus.PENDING);
        UserId deleted = new UserId(UUID.randomUUID());
        when(users.findForUpdate(deleted)).thenReturn(Optional.empty());

        assertThat(service.activate(user.id(), "new", current -> false)).isFalse();
        assertThat(service.changePassword(user.id(), "new", null, current -> false))
                .isFalse();
        assertThat(service.changeEmail(user.id(), "b@example.com", current -> false))
                .isFalse();
        assertThat(service.changePassword(deleted, "new", null, current -> true))
                .isFalse();

        assertThat(user.isPending()).isTrue();
        assertThat(user.passwordHash()).isEqualTo("hash");
        assertThat(user.email()).isEqualTo("a@example.com");
        verify(events, never()).publishEvent(any(Object.class));
    }

    @Test
    void findByEmailDoesNotQueryTheDatabaseForAnInvalidEmail() {
        for (String text : List.of("a\0@example.com", "adm\u0130n@example.com", "a".repeat(300) + "@b", "a")) {
            assertThat(service.findByEmail(text)).isEmpty();
        }
        verify(users, never()).findByEmail(any());
    }
}
