package dev.usersapi.account;

import dev.usersapi.account.OneTimeTokenRepository.Holder;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.failedlogin.LoginAttempts;
import dev.usersapi.http.OpaqueToken;
import dev.usersapi.password.PasswordPolicy;
import dev.usersapi.user.CredentialService;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/**
 * Does what a one-time token permits. Every method throws {@link InvalidRequestException} if the token or the password
 * is not acceptable. The token is checked first, so that a request without a valid token costs no password hashing.
 *
 * <p>Afterwards logins to the account are no longer delayed: earlier failures were guesses at a former password, or
 * mistakes before the account was ready. Delays of the second factor continue, because the second factor must protect
 * the account even from somebody who can read the mailbox.
 */
@Service
class OneTimeTokenService {

    private final OneTimeTokenRepository tokens;
    private final CredentialService credentials;
    private final LoginAttempts attempts;
    private final PasswordPolicy policy;
    private final PasswordEncoder passwords;

    OneTimeTokenService(
            OneTimeTokenRepository tokens,
            CredentialService credentials,
            LoginAttempts attempts,
            PasswordPolicy policy,
            PasswordEncoder passwords) {
        this.tokens = tokens;
        this.credentials = credentials;
        this.attempts = attempts;
        this.policy = policy;
        this.passwords = passwords;
    }

    void activate(ActivateRequest request) {
        byte[] hash = OpaqueToken.hash(request.token());
        Holder holder = requireValid(hash, AccountAction.ACTIVATION, request.password());
        String passwordHash = passwords.encode(request.password());
        requireUsed(credentials.activate(
                holder.user(), passwordHash, user -> user.isPending() && tokens.use(hash, AccountAction.ACTIVATION)));
        attempts.endDelays(holder.email());
    }

    void resetPassword(ResetPasswordRequest request) {
        byte[] hash = OpaqueToken.hash(request.token());
        Holder holder = requireValid(hash, AccountAction.PASSWORD_RESET, request.password());
        String passwordHash = Objects.requireNonNull(passwords.encode(request.password()));
        requireUsed(credentials.changePassword(
                holder.user(),
                passwordHash,
                null,
                user -> user.isActive() && tokens.use(hash, AccountAction.PASSWORD_RESET)));
        attempts.endDelays(holder.email());
    }

    /**
     * @throws dev.usersapi.error.ProblemException {@link dev.usersapi.error.ErrorCode#EMAIL_TAKEN} if another user has the
     *     new e-mail by now
     */
    void confirmEmail(ConfirmEmailRequest request) {
        byte[] hash = OpaqueToken.hash(request.token());
        Holder holder = tokens.find(hash, AccountAction.EMAIL_CHANGE).orElseThrow(OneTimeTokenService::refusal);
        String email = Objects.requireNonNull(holder.newEmail());
        requireUsed(credentials.changeEmail(
                holder.user(), email, user -> user.isActive() && tokens.use(hash, AccountAction.EMAIL_CHANGE)));
        attempts.endDelays(email);
    }

    private Holder requireValid(byte[] hash, AccountAction action, @Nullable String password) {
        Optional<Holder> holder = tokens.find(hash, action);
        List<Fault> faults = new ArrayList<>();
        if (holder.isEmpty()) {
            faults.add(tokenFault());
        }
        if (password != null) {
            String email = holder.map(Holder::email).orElse(null);
            String name = holder.map(Holder::name).orElse(null);
            policy.refusal(password, email, name).ifPresent(refusal -> faults.add(Fault.inBody("/password", refusal)));
        } else if (holder.filter(known -> !known.hasPassword()).isPresent()) {
            faults.add(Fault.inBody("/password", "required", "is required, because the account has no password yet"));
        }
        if (!faults.isEmpty()) {
            throw new InvalidRequestException(faults);
        }
        return holder.orElseThrow();
    }

    private static void requireUsed(boolean used) {
        if (!used) {
            throw refusal();
        }
    }

    private static InvalidRequestException refusal() {
        return new InvalidRequestException(tokenFault());
    }

    private static Fault tokenFault() {
        return Fault.inBody(
                "/token", "invalid_token", "was not sent for this purpose, or was used already, or has expired");
    }
}
