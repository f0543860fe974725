package dev.usersapi.failedlogin;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.password.UnusableHashes;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/** Checks the current password again before a user changes the password, the e-mail or the second factor. */
@Service
public class PasswordCheck {

    private final UserService users;
    private final PasswordEncoder passwords;
    private final UnusableHashes unusableHashes;
    private final LoginAttempts attempts;

    PasswordCheck(UserService users, PasswordEncoder passwords, UnusableHashes unusableHashes, LoginAttempts attempts) {
        this.users = users;
        this.passwords = passwords;
        this.unusableHashes = unusableHashes;
        this.attempts = attempts;
    }

    /**
     * Returns the user if the password is right. Must not be called inside a transaction, because hashing is slow.
     *
     * @param clientAddress from {@link dev.usersapi.ratelimit.ClientAddress#network}
     * @throws ProblemException {@link ErrorCode#WRONG_PASSWORD}, which counts as a failed login, or
     *     {@link ErrorCode#TOO_MANY_ATTEMPTS}
     */
    public User require(UserId id, String password, String clientAddress) {
        User user = users.get(id);
        try (LoginAttempt attempt = attempts.begin(user.email(), clientAddress)) {
            if (!passwords.matches(password, user.passwordHash())) {
                attempt.failed();
                unusableHashes.report(id.toString(), user.passwordHash());
                throw new ProblemException(ErrorCode.WRONG_PASSWORD);
            }
            // no attempt.succeeded(): a reset of the failures would permit to guess codes of the second factor
            return user;
        }
    }
}
