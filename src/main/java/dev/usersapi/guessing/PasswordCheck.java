package dev.usersapi.guessing;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/** Asks for the password again before a log-in may change what guards its account. */
@Service
public class PasswordCheck {

    private final UserService users;
    private final PasswordEncoder passwords;

    PasswordCheck(UserService users, PasswordEncoder passwords) {
        this.users = users;
        this.passwords = passwords;
    }

    /**
     * The user, when the password is theirs. Takes as long as hashing does, so not for use inside a transaction.
     *
     * @param address of the client
     * @throws ProblemException {@link ErrorCode#WRONG_PASSWORD}
     */
    public User require(UserId id, String password, String address) {
        User user = users.get(id);
        if (!passwords.matches(password, user.passwordHash())) {
            throw new ProblemException(ErrorCode.WRONG_PASSWORD);
        }
        return user;
    }
}
