package dev.usersapi.account;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import dev.usersapi.failedlogin.PasswordCheck;
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
 * Changes the password and e-mail of users who are logged in, and sends the mails that admins request for other users.
 * Methods throw {@link ProblemException} with the error code of the rule that a call breaks.
 */
@Service
class AccountService {

    private final UserService users;
    private final CredentialService credentials;
    private final PasswordCheck passwordCheck;
    private final PasswordPolicy policy;
    private final PasswordEncoder passwords;
    private final OneTimeTokenSender sender;
    private final Outbox outbox;
    private final TransactionTemplate transaction;

    AccountService(
            UserService users,
            CredentialService credentials,
            PasswordCheck passwordCheck,
            PasswordPolicy policy,
            PasswordEncoder passwords,
            OneTimeTokenSender sender,
            Outbox outbox,
            PlatformTransactionManager transactions) {
        this.users = users;
        this.credentials = credentials;
        this.passwordCheck = passwordCheck;
        this.policy = policy;
        this.passwords = passwords;
        this.sender = sender;
        this.outbox = outbox;
        this.transaction = new TransactionTemplate(transactions);
    }

    void invite(UserId id, Caller caller) {
        users.requirePermissionToManage(id, Permission.USERS_WRITE, caller);
        if (!sender.send(id, AccountAction.ACTIVATION)) {
            throw new ProblemException(ErrorCode.USER_NOT_PENDING);
        }
    }

    void sendPasswordReset(UserId id, Caller caller) {
        users.requirePermissionToManage(id, Permission.USERS_WRITE, caller);
        if (!sender.send(id, AccountAction.PASSWORD_RESET)) {
            throw new ProblemException(ErrorCode.USER_NOT_ACTIVE);
        }
    }

    /** Does the same work for every e-mail. Whether an account has the e-mail is looked up when the mail is due. */
    void forgotPassword(ForgotPasswordRequest request) {
        transaction.executeWithoutResult(status -> outbox.queue(ForgottenPasswordMail.KIND, request.email()));
    }

    /** Ends the user's other sessions. */
    void changePassword(UserId id, ChangePasswordRequest request, Caller caller, String clientAddress) {
        User user = users.get(id);
        if (request.keepsPassword()) {
            throw new InvalidRequestException(
                    Fault.inBody("/new_password", "invalid_value", "is the current password"));
        }
        policy.refusal(request.newPassword(), user.email(), user.name()).ifPresent(refusal -> {
            throw new InvalidRequestException(Fault.inBody("/new_password", refusal));
        });
        User checked = passwordCheck.require(id, request.currentPassword(), clientAddress);
        String hash = Objects.requireNonNull(passwords.encode(request.newPassword()));
        boolean changed = credentials.changePassword(
                id, hash, caller.session().orElseThrow(), current -> isUnchanged(checked, current, caller));
        if (!changed) {
            throw new ProblemException(ErrorCode.WRONG_PASSWORD);
        }
    }

    /** Does not tell whether another user has the e-mail. This is checked when the new e-mail is confirmed. */
    void requestEmailChange(UserId id, ChangeEmailRequest request, Caller caller, String clientAddress) {
        User checked = passwordCheck.require(id, request.password(), clientAddress);
        if (checked.email().equals(request.email())) {
            throw new InvalidRequestException(
                    Fault.inBody("/email", "invalid_value", "is the current e-mail of the account"));
        }
        transaction.executeWithoutResult(status -> {
            if (!sender.sendToNewEmail(request.email(), id) || !isUnchanged(checked, users.get(id), caller)) {
                throw new ProblemException(ErrorCode.WRONG_PASSWORD);
            }
        });
    }

    /** Hashing takes long enough that the session may have ended or the password may have been changed meanwhile. */
    private static boolean isUnchanged(User checked, User current, Caller caller) {
        caller.permissions(); // throws if the session has ended
        return Objects.equals(checked.passwordHash(), current.passwordHash());
    }
}
