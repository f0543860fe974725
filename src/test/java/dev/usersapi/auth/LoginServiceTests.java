package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.ArgumentMatchers.startsWith;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.User;
import dev.usersapi.user.UserService;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.password.PasswordEncoder;

class LoginServiceTests {

    private static final String PARAMETERS = "$argon2id$v=19$m=19456,t=2,p=1$";

    private static final Device DEVICE = new Device("192.0.2.1", "Test/1.0");

    private final UserService users = mock();
    private final PasswordEncoder passwords = mock();
    private final SessionService sessions = mock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LoginService logins = new LoginService(users, passwords, sessions, meters);
    private final User user = mock();

    private void account(boolean known, boolean active, boolean matches) {
        when(users.findByEmail("a@example.com")).thenReturn(known ? Optional.of(user) : Optional.empty());
        when(user.passwordHash()).thenReturn(PARAMETERS + "salt$hash");
        when(user.isActive()).thenReturn(active);
        when(passwords.matches(any(), any())).thenReturn(matches);
        when(sessions.open(user, DEVICE))
                .thenReturn(Optional.of(new SessionService.Opened(user, UUID.randomUUID(), "rt_token")));
    }

    private SessionService.Opened login() {
        return logins.login(new LoginRequest(" a@example.com ", "password"), DEVICE);
    }

    private void isRefused() {
        assertThatThrownBy(this::login)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_CREDENTIALS));
    }

    private double count(String outcome) {
        return meters.counter("users.logins", "outcome", outcome).count();
    }

    @Test
    void rightPasswordOfAnActiveUserOpensASession() {
        account(true, true, true);

        assertThat(login().refreshToken()).isEqualTo("rt_token");
        assertThat(count("success")).isEqualTo(1);
        assertThat(count("refused")).isZero();
    }

    @Test
    void everyRefusalCostsOneHashAtTheSameParameters() {
        account(false, false, true);
        isRefused();
        account(true, true, false);
        isRefused();
        account(true, false, true);
        isRefused();
        account(true, true, false);
        when(user.passwordHash()).thenReturn(null); // none was set yet
        isRefused();

        verify(passwords, times(4)).matches(eq("password"), startsWith(PARAMETERS));
        verify(sessions, never()).open(any(), any());
        assertThat(count("refused")).isEqualTo(4);
        assertThat(count("success")).isZero();
    }

    @Test
    void accountThatChangedMeanwhileIsRefused() {
        account(true, true, true);
        when(sessions.open(user, DEVICE)).thenReturn(Optional.empty());

        isRefused();
    }
}
