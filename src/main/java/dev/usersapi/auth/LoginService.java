package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.User;
import dev.usersapi.user.UserService;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/** Checks e-mail and password. Whether or not there is such an account, the same work is done. */
@Service
class LoginService {

    // of no password: compared against where there is no account, at the parameters of real ones
    private static final String NOBODYS_HASH =
            "$argon2id$v=19$m=19456,t=2,p=1$" + "A".repeat(22) + "$" + "A".repeat(43);

    private final UserService users;
    private final PasswordEncoder passwords;
    private final SessionService sessions;
    private final MeterRegistry meters;

    LoginService(UserService users, PasswordEncoder passwords, SessionService sessions, MeterRegistry meters) {
        this.users = users;
        this.passwords = passwords;
        this.sessions = sessions;
        this.meters = meters;
    }

    /**
     * Opens a session.
     *
     * @throws ProblemException {@link ErrorCode#INVALID_CREDENTIALS} whatever the reason
     */
    SessionService.Opened login(LoginRequest request, Device device) {
        Optional<User> user = users.findByEmail(request.email());
        boolean matches = passwords.matches(
                request.password(), user.map(User::passwordHash).orElse(NOBODYS_HASH));
        Optional<SessionService.Opened> opened =
                user.filter(known -> matches && known.isActive()).flatMap(known -> sessions.open(known, device));
        meters.counter("users.logins", "outcome", opened.isPresent() ? "success" : "refused")
                .increment();
        return opened.orElseThrow(() -> new ProblemException(ErrorCode.INVALID_CREDENTIALS));
    }
}
