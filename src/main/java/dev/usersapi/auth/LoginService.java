package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.failedlogin.LoginAttempt;
import dev.usersapi.failedlogin.LoginAttempts;
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
 * Logs in a user: checks the e-mail and the password, then the second factor if the user has one. An unknown e-mail
 * costs the same work as a known one. Only somebody with the right password learns that there is a second factor.
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
     * @param clientAddress from {@link dev.usersapi.ratelimit.ClientAddress#network}
     * @throws ProblemException {@link ErrorCode#INVALID_CREDENTIALS} if the e-mail or password is wrong or the user is
     *     not active; {@link ErrorCode#SECOND_FACTOR_REQUIRED} or {@link ErrorCode#INVALID_SECOND_FACTOR} if only the
     *     code is missing or wrong; {@link ErrorCode#TOO_MANY_ATTEMPTS}
     */
    OpenSession login(LoginRequest request, String clientAddress, Device device) {
        try (LoginAttempt attempt = attempts.begin(request.email(), clientAddress)) {
            Optional<User> user = credentials.findByEmail(request.email());
            boolean matches = passwords.matches(
                    request.password(), user.map(User::passwordHash).orElse(null));
            if (!matches) {
                user.ifPresent(owner -> unusableHashes.report(owner.id().toString(), owner.passwordHash()));
            }
            User active = user.filter(found -> matches && found.isActive()).orElseThrow(() -> refused(attempt));
            requireSecondFactor(active.id(), request.code(), attempt);
            OpenSession session = sessions.open(active, device).orElseThrow(() -> refused(attempt));
            attempt.succeeded();
            count("success");
            renewHash(active, request.password());
            return session;
        }
    }

    private void requireSecondFactor(UserId user, @Nullable String code, LoginAttempt attempt) {
        if (!secondFactor.passes(user, code)) {
            ErrorCode refusal = ErrorCode.SECOND_FACTOR_REQUIRED; // a missing code is neither a failure nor a success
            if (code != null) {
                attempt.failed();
                refusal = ErrorCode.INVALID_SECOND_FACTOR;
            }
            count(refusal.code());
            throw new ProblemException(refusal);
        }
    }

    private ProblemException refused(LoginAttempt attempt) {
        attempt.failed();
        count("refused");
        return new ProblemException(ErrorCode.INVALID_CREDENTIALS);
    }

    private void count(String outcome) {
        meters.counter("users.logins", "outcome", outcome).increment();
    }

    /** Must follow the opening of the session, which fails if the hash has changed since the password was checked. */
    private void renewHash(User user, String password) {
        if (passwords.upgradeEncoding(user.passwordHash())) {
            try {
                credentials.renewPasswordHash(user, Objects.requireNonNull(passwords.encode(password)));
            } catch (ProblemException busy) {
                // the next login renews it
            }
        }
    }
}
