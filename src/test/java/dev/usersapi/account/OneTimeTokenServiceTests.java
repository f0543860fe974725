package dev.usersapi.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.ArgumentMatchers.isNull;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import dev.usersapi.error.FaultReason;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.failedlogin.LoginAttempts;
import dev.usersapi.http.OpaqueToken;
import dev.usersapi.password.PasswordPolicy;
import dev.usersapi.user.CredentialService;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Without a database: the integration tests cover the SQL. */
class OneTimeTokenServiceTests {

    private static final UserId USER = new UserId(UUID.randomUUID());

    private final OneTimeTokenRepository tokens = mock();
    private final CredentialService credentials = mock();
    private final PasswordPolicy policy = mock();
    private final PasswordEncoder passwords = mock();
    private final LoginAttempts attempts = mock();
    private final OneTimeTokenService service =
            new OneTimeTokenService(tokens, credentials, attempts, policy, passwords);

    @BeforeEach
    void refuseAllTokens() {
        when(tokens.find(any(), any())).thenReturn(Optional.empty());
        when(policy.refusal(any(), any(), any())).thenReturn(Optional.empty());
        when(passwords.encode("long-enough")).thenReturn("hash");
    }

    private void givenToken(AccountAction action, boolean hasPassword, @Nullable String newEmail) {
        when(tokens.find(OpaqueToken.hash("lt_good"), action))
                .thenReturn(Optional.of(
                        new OneTimeTokenRepository.Holder(USER, "ann@example.com", "Ann", hasPassword, newEmail)));
    }

    private static void refuses(Runnable call, String... faults) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        refusal -> assertThat(refusal.faults())
                                .extracting(fault ->
                                        fault.pointer() + " " + fault.reason().code())
                                .containsExactly(faults));
    }

    @Test
    void noPasswordIsHashedWhenTheTokenIsInvalid() {
        refuses(() -> service.activate(new ActivateRequest("lt_bad", "long-enough")), "#/token invalid_token");
        refuses(() -> service.activate(new ActivateRequest("lt_bad", null)), "#/token invalid_token");
        refuses(
                () -> service.resetPassword(new ResetPasswordRequest("lt_bad", "long-enough")),
                "#/token invalid_token");
        refuses(() -> service.confirmEmail(new ConfirmEmailRequest("lt_bad")), "#/token invalid_token");

        verifyNoInteractions(passwords, credentials);
    }

    @Test
    void resetPasswordReportsAnInvalidTokenAndPasswordTogether() {
        when(policy.refusal("short", null, null))
                .thenReturn(Optional.of(new FaultReason("password_too_short", "is short")));

        refuses(
                () -> service.resetPassword(new ResetPasswordRequest("lt_bad", "short")),
                "#/token invalid_token",
                "#/password password_too_short");
    }

    @Test
    void resetPasswordChecksThePasswordAgainstEmailAndName() {
        givenToken(AccountAction.PASSWORD_RESET, true, null);
        when(policy.refusal("ann@example.com", "ann@example.com", "Ann"))
                .thenReturn(Optional.of(new FaultReason("password_like_email", "is the e-mail")));

        refuses(
                () -> service.resetPassword(new ResetPasswordRequest("lt_good", "ann@example.com")),
                "#/password password_like_email");
        verifyNoInteractions(passwords, credentials);
    }

    @Test
    void activateRequiresAPasswordWhenTheUserHasNone() {
        givenToken(AccountAction.ACTIVATION, false, null);
        refuses(() -> service.activate(new ActivateRequest("lt_good", null)), "#/password required");

        givenToken(AccountAction.ACTIVATION, true, null);
        when(credentials.activate(eq(USER), isNull(), any())).thenReturn(true);
        service.activate(new ActivateRequest("lt_good", null));
    }

    @Test
    void tokenIsRefusedWhenAnotherRequestHasUsedIt() {
        givenToken(AccountAction.ACTIVATION, false, null);
        givenToken(AccountAction.PASSWORD_RESET, true, null);
        givenToken(AccountAction.EMAIL_CHANGE, true, "new@example.com");

        refuses(() -> service.activate(new ActivateRequest("lt_good", "long-enough")), "#/token invalid_token");
        refuses(
                () -> service.resetPassword(new ResetPasswordRequest("lt_good", "long-enough")),
                "#/token invalid_token");
        refuses(() -> service.confirmEmail(new ConfirmEmailRequest("lt_good")), "#/token invalid_token");
    }

    @Test
    void resetPasswordHashesBeforeTheTransactionAndUsesTheTokenInItForAnActiveUser() {
        givenToken(AccountAction.PASSWORD_RESET, true, null);
        ArgumentCaptor<Predicate<User>> claim = ArgumentCaptor.captor();
        when(credentials.changePassword(eq(USER), eq("hash"), isNull(), claim.capture()))
                .thenReturn(true);

        service.resetPassword(new ResetPasswordRequest("lt_good", "long-enough"));

        var order = inOrder(passwords, credentials);
        order.verify(passwords).encode("long-enough");
        order.verify(credentials).changePassword(any(), any(), any(), any());
        User user = mock();
        assertThat(claim.getValue().test(user)).as("not active").isFalse();
        verify(tokens, never()).use(any(), any());
        when(user.isActive()).thenReturn(true);
        when(tokens.use(OpaqueToken.hash("lt_good"), AccountAction.PASSWORD_RESET))
                .thenReturn(true);
        assertThat(claim.getValue().test(user)).isTrue();
    }
}
