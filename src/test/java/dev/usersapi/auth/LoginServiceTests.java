package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.failedlogin.LoginAttempt;
import dev.usersapi.failedlogin.LoginAttempts;
import dev.usersapi.password.UnusableHashes;
import dev.usersapi.totp.SecondFactorCheck;
import dev.usersapi.user.CredentialService;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;
import org.springframework.security.crypto.password.PasswordEncoder;

class LoginServiceTests {

    private static final String HASH = "$2y$10$hash";
    private static final UserId ID = new UserId(UUID.randomUUID());

    private static final Device DEVICE = new Device("192.0.2.1", "Test/1.0");

    private final CredentialService credentials = mock();
    private final PasswordEncoder passwords = mock();
    private final UnusableHashes unusableHashes = mock();
    private final SecondFactorCheck secondFactor = mock();
    private final SessionService sessions = mock();
    private final LoginAttempts attempts = mock();
    private final LoginAttempt attempt = mock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LoginService logins =
            new LoginService(credentials, passwords, unusableHashes, secondFactor, sessions, attempts, meters);
    private final User user = mock();

    private void givenUser(boolean known, boolean active, boolean matches) {
        when(attempts.begin("a@example.com", "192.0.2.1")).thenReturn(attempt);
        when(credentials.findByEmail("a@example.com")).thenReturn(known ? Optional.of(user) : Optional.empty());
        when(user.id()).thenReturn(ID);
        when(user.passwordHash()).thenReturn(HASH);
        when(user.isActive()).thenReturn(active);
        when(passwords.matches(any(), any())).thenReturn(matches);
        when(secondFactor.passes(any(), any())).thenReturn(true);
        when(sessions.open(user, DEVICE)).thenReturn(Optional.of(new OpenSession(user, UUID.randomUUID(), "rt_token")));
    }

    private OpenSession login() {
        return login(null);
    }

    private OpenSession login(@Nullable String code) {
        return logins.login(new LoginRequest(" a@example.com ", "password", code), "192.0.2.1", DEVICE);
    }

    private void assertRefused() {
        assertThatThrownBy(this::login)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_CREDENTIALS));
    }

    private double count(String outcome) {
        return meters.counter("users.logins", "outcome", outcome).count();
    }

    @Test
    void loginOpensASessionForTheRightPassword() {
        givenUser(true, true, true);

        assertThat(login().refreshToken()).isEqualTo("rt_token");
        verify(attempt).succeeded();
        assertThat(count("success")).isEqualTo(1);
        assertThat(count("refused")).isZero();
    }

    @Test
    void everyRefusalComparesOnePasswordAndCountsAsFailed() {
        givenUser(false, false, false);
        assertRefused();
        givenUser(true, true, false);
        assertRefused();
        givenUser(true, false, true);
        assertRefused();
        givenUser(true, true, false);
        when(user.passwordHash()).thenReturn(null); // no password was set yet
        assertRefused();

        verify(passwords, times(2)).matches("password", null);
        verify(passwords, times(2)).matches("password", HASH);
        verify(secondFactor, never()).passes(any(), any());
        verify(sessions, never()).open(any(), any());
        verify(attempt, times(4)).failed();
        verify(attempt, never()).succeeded();
        assertThat(count("refused")).isEqualTo(4);
        assertThat(count("success")).isZero();
    }

    @Test
    void loginComparesAPasswordWhenTheUserHasNone() {
        givenUser(true, true, false);
        when(user.passwordHash()).thenReturn(null);

        assertRefused();

        verify(passwords).matches("password", null);
    }

    @Test
    void loginChecksNoPasswordWhenTheAttemptIsDelayed() {
        when(attempts.begin(any(), any())).thenThrow(new ProblemException(ErrorCode.TOO_MANY_ATTEMPTS));

        assertThatThrownBy(this::login).hasMessage("too_many_attempts");

        verifyNoInteractions(credentials, passwords, sessions);
    }

    @Test
    void attemptDoesNotCountWhenThePasswordCouldNotBeChecked() {
        givenUser(true, true, true);
        when(passwords.matches(any(), any())).thenThrow(new ProblemException(ErrorCode.BUSY));

        assertThatThrownBy(this::login).hasMessage("busy");

        verify(attempt, never()).failed();
        verify(attempt).close();
    }

    @Test
    void loginRenewsAnOutdatedHashAfterOpeningTheSession() {
        givenUser(true, true, true);
        when(passwords.upgradeEncoding(HASH)).thenReturn(true);
        when(passwords.encode("password")).thenReturn("renewed");

        login();

        InOrder order = inOrder(sessions, credentials);
        order.verify(sessions).open(user, DEVICE);
        order.verify(credentials).renewPasswordHash(user, "renewed");
    }

    @Test
    void loginSucceedsWhenTheHashCannotBeRenewed() {
        givenUser(true, true, true);
        when(passwords.upgradeEncoding(HASH)).thenReturn(true);
        when(passwords.encode("password")).thenThrow(new ProblemException(ErrorCode.BUSY));

        assertThat(login().refreshToken()).isEqualTo("rt_token");
        verify(credentials, never()).renewPasswordHash(any(), any());
    }

    @Test
    void wrongPasswordDoesNotRenewTheHash() {
        givenUser(true, true, false);
        when(passwords.upgradeEncoding(HASH)).thenReturn(true);

        assertRefused();

        verify(passwords, never()).encode(any());
        verify(unusableHashes).report(ID.toString(), HASH);
    }

    @Test
    void loginIsRefusedWhenTheUserChangedMeanwhile() {
        givenUser(true, true, true);
        when(sessions.open(user, DEVICE)).thenReturn(Optional.empty());

        assertRefused();
    }

    @Test
    void wrongCodeCountsAsFailedAndAMissingCodeDoesNot() {
        givenUser(true, true, true);
        when(secondFactor.passes(any(), any())).thenReturn(false);

        assertThatThrownBy(() -> login("123456")).hasMessage("invalid_second_factor");
        verify(attempt).failed();
        assertThatThrownBy(this::login).hasMessage("second_factor_required");
        verify(attempt).failed();

        verify(attempt, never()).succeeded();
        verify(attempt, times(2)).close();
        verify(sessions, never()).open(any(), any());
        assertThat(count("second_factor_required")).isEqualTo(1);
        assertThat(count("invalid_second_factor")).isEqualTo(1);
    }
}
