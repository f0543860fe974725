package dev.usersapi.account;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import dev.usersapi.guessing.PasswordCheck;
import dev.usersapi.mail.Outbox;
import dev.usersapi.password.PasswordPolicy;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.CredentialService;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import java.util.Objects;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What users who are logged in do about their own password and e-mail, and admins for others. Every method throws
 * {@link ProblemException} with the code of the rule that a call breaks.
 */
@Service
class AccountService {

    private final UserService users;
    private final CredentialService credentials;
    private final PasswordCheck check;
    private final PasswordPolicy policy;
    private final PasswordEncoder passwords;
    private final LinkService links;
    private final Outbox outbox;
    private final TransactionTemplate transaction;

    AccountService(
            UserService users,
            CredentialService credentials,
            PasswordCheck check,
            PasswordPolicy policy,
            PasswordEncoder passwords,
            LinkService links,
            Outbox outbox,
            PlatformTransactionManager transactions) {
        this.users = users;
        this.credentials = credentials;
        this.check = check;
        this.policy = policy;
        this.passwords = passwords;
        this.links = links;
        this.outbox = outbox;
        this.transaction = new TransactionTemplate(transactions);
    }

    void invite(UserId id, Caller caller) {
        users.requirePowerOver(id, Permission.USERS_WRITE, caller);
        if (!links.send(id, LinkKind.ACTIVATION)) {
            throw new ProblemException(ErrorCode.USER_NOT_PENDING);
        }
    }

    void sendPasswordReset(UserId id, Caller caller) {
        users.requirePowerOver(id, Permission.USERS_WRITE, caller);
        if (!links.send(id, LinkKind.PASSWORD_RESET)) {
            throw new ProblemException(ErrorCode.USER_NOT_ACTIVE);
        }
    }

    /** The same work for every e-mail: whether it is anybody's is looked up when the mail is due. */
    void forgotPassword(ForgotPasswordRequest request) {
        transaction.executeWithoutResult(status -> outbox.queue(ForgottenPasswordMail.KIND, request.email()));
    }

    /** Ends the user's other sessions. */
    void changePassword(UserId id, ChangePasswordRequest request, Caller caller, String address) {
        User user = users.get(id);
        if (request.isNoChange()) {
            throw new InvalidRequestException(
                    Fault.inBody("/new_password", "invalid_value", "is the present password"));
        }
        policy.refusal(request.newPassword(), user.email(), user.name()).ifPresent(refusal -> {
            throw new InvalidRequestException(Fault.inBody("/new_password", refusal));
        });
        User checked = check.require(id, request.currentPassword(), address);
        String hash = Objects.requireNonNull(passwords.encode(request.newPassword()));
        boolean changed = credentials.changePassword(
                id, hash, caller.session().orElseThrow(), present -> isStill(checked, present, caller));
        if (!changed) {
            throw new ProblemException(ErrorCode.WRONG_PASSWORD);
        }
    }

    /** Whether the e-mail is somebody else's is not told: it is found out when it is confirmed. */
    void requestEmailChange(UserId id, ChangeEmailRequest request, Caller caller, String address) {
        User checked = check.require(id, request.password(), address);
        if (checked.email().equals(request.email())) {
            throw new InvalidRequestException(
                    Fault.inBody("/email", "invalid_value", "is the present e-mail of the account"));
        }
        transaction.executeWithoutResult(status -> {
            if (!links.sendTo(request.email(), id) || !isStill(checked, users.get(id), caller)) {
                throw new ProblemException(ErrorCode.WRONG_PASSWORD);
            }
        });
    }

    /** Hashing takes long enough for the session to have ended, or the password to be another one. */
    private static boolean isStill(User checked, User present, Caller caller) {
        caller.permissions();
        return Objects.equals(checked.passwordHash(), present.passwordHash());
    }
}
