package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.guessing.Attempt;
import dev.usersapi.guessing.LoginAttempts;
import dev.usersapi.password.UnusableHashes;
import dev.usersapi.totp.SecondFactorCheck;
import dev.usersapi.user.CredentialService;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/**
 * Checks e-mail and password, then the second factor of who has one. Whether or not there is such an account, the same
 * work is done, and nothing is told of a second factor before the password is right.
 */
@Service
class LoginService {

    private final CredentialService credentials;
    private final PasswordEncoder passwords;
    private final UnusableHashes unusableHashes;
    private final SecondFactorCheck secondFactor;
    private final SessionService sessions;
    private final LoginAttempts attempts;
    private final MeterRegistry meters;

    LoginService(
            CredentialService credentials,
            PasswordEncoder passwords,
            UnusableHashes unusableHashes,
            SecondFactorCheck secondFactor,
            SessionService sessions,
            LoginAttempts attempts,
            MeterRegistry meters) {
        this.credentials = credentials;
        this.passwords = passwords;
        this.unusableHashes = unusableHashes;
        this.secondFactor = secondFactor;
        this.sessions = sessions;
        this.attempts = attempts;
        this.meters = meters;
    }

    /**
     * Opens a session.
     *
     * @param address as {@link dev.usersapi.ratelimit.ClientAddress} has it
     * @throws ProblemException {@link ErrorCode#INVALID_CREDENTIALS} whatever is wrong with e-mail, password or account;
     *     {@link ErrorCode#SECOND_FACTOR_REQUIRED} or {@link ErrorCode#INVALID_SECOND_FACTOR} where only a good code is
     *     missing; {@link ErrorCode#TOO_MANY_ATTEMPTS}
     */
    SessionService.OpenSession login(LoginRequest request, String address, Device device) {
        try (Attempt attempt = attempts.begin(request.email(), address)) {
            Optional<User> user = credentials.findByEmail(request.email());
            boolean matches = passwords.matches(
                    request.password(), user.map(User::passwordHash).orElse(null));
            if (!matches) {
                user.ifPresent(owner -> unusableHashes.report(owner.id().toString(), owner.passwordHash()));
            }
            User known =
                    user.filter(candidate -> matches && candidate.isActive()).orElseThrow(() -> refused(attempt));
            requireSecondFactor(known.id(), request.code(), attempt);
            SessionService.OpenSession opened = sessions.open(known, device).orElseThrow(() -> refused(attempt));
            attempt.succeeded();
            count("success");
            renewHash(known, request.password());
            return opened;
        }
    }

    private void requireSecondFactor(UserId user, @Nullable String code, Attempt attempt) {
        if (!secondFactor.passes(user, code)) {
            ErrorCode refusal = ErrorCode.SECOND_FACTOR_REQUIRED; // no guess, and no success after which to guess on
            if (code != null) {
                attempt.failed();
                refusal = ErrorCode.INVALID_SECOND_FACTOR;
            }
            count(refusal.code());
            throw new ProblemException(refusal);
        }
    }

    private ProblemException refused(Attempt attempt) {
        attempt.failed();
        count("refused");
        return new ProblemException(ErrorCode.INVALID_CREDENTIALS);
    }

    private void count(String outcome) {
        meters.counter("users.logins", "outcome", outcome).increment();
    }

    /** After the session is open, which wants the hash that was compared. */
    private void renewHash(User user, String password) {
        if (passwords.upgradeEncoding(user.passwordHash())) {
            try {
                credentials.renewPasswordHash(user, Objects.requireNonNull(passwords.encode(password)));
            } catch (ProblemException busy) {
                // the next log-in will do it
            }
        }
    }
}
