package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.guessing.Attempt;
import dev.usersapi.guessing.LoginAttempts;
import dev.usersapi.user.User;
import dev.usersapi.user.UserService;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.Optional;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/** Checks e-mail and password. Whether or not there is such an account, the same work is done. */
@Service
class LoginService {

    private final UserService users;
    private final PasswordEncoder passwords;
    private final SessionService sessions;
    private final LoginAttempts attempts;
    private final MeterRegistry meters;

    LoginService(
            UserService users,
            PasswordEncoder passwords,
            SessionService sessions,
            LoginAttempts attempts,
            MeterRegistry meters) {
        this.users = users;
        this.passwords = passwords;
        this.sessions = sessions;
        this.attempts = attempts;
        this.meters = meters;
    }

    /**
     * Opens a session.
     *
     * @param address as {@link dev.usersapi.ratelimit.ClientAddress} has it
     * @throws ProblemException {@link ErrorCode#INVALID_CREDENTIALS} whatever the reason, or
     *     {@link ErrorCode#TOO_MANY_ATTEMPTS}
     */
    SessionService.Opened login(LoginRequest request, String address, Device device) {
        try (Attempt attempt = attempts.begin(request.email(), address)) {
            Optional<User> user = users.findByEmail(request.email());
            boolean matches = passwords.matches(
                    request.password(), user.map(User::passwordHash).orElse(null));
            Optional<SessionService.Opened> opened =
                    user.filter(known -> matches && known.isActive()).flatMap(known -> sessions.open(known, device));
            meters.counter("users.logins", "outcome", opened.isPresent() ? "success" : "refused")
                    .increment();
            if (opened.isEmpty()) {
                attempt.failed();
                throw new ProblemException(ErrorCode.INVALID_CREDENTIALS);
            }
            attempt.succeeded();
            renewHash(user.orElseThrow(), request.password());
            return opened.get();
        }
    }

    /** After the session is open, which wants the hash that was compared. */
    private void renewHash(User user, String password) {
        if (passwords.upgradeEncoding(user.passwordHash())) {
            try {
                users.renewPasswordHash(user, Objects.requireNonNull(passwords.encode(password)));
            } catch (ProblemException busy) {
                // the next log-in will do it
            }
        }
    }
}
