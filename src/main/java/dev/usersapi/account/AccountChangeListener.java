package dev.usersapi.account;

import dev.usersapi.mail.Mail;
import dev.usersapi.mail.Outbox;
import dev.usersapi.user.AccessChanged;
import dev.usersapi.user.EmailChanged;
import dev.usersapi.user.PasswordChanged;
import dev.usersapi.user.User;
import dev.usersapi.user.UserCreated;
import dev.usersapi.user.UserService;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/** Deletes one-time tokens and queues mails when an account changes, in the transaction of the change. */
@Component
class AccountChangeListener {

    private final UserService users;
    private final OneTimeTokenSender sender;
    private final OneTimeTokenRepository tokens;
    private final Outbox outbox;

    AccountChangeListener(UserService users, OneTimeTokenSender sender, OneTimeTokenRepository tokens, Outbox outbox) {
        this.users = users;
        this.sender = sender;
        this.tokens = tokens;
        this.outbox = outbox;
    }

    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void invite(UserCreated event) {
        sender.send(event.user(), AccountAction.ACTIVATION);
    }

    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void deleteTokens(AccessChanged change) {
        tokens.deleteNotPermittedByStatus(change.user());
    }

    /** Deletes the tokens, because the password was perhaps changed to shut out the person who requested them. */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void notifyUser(PasswordChanged change) {
        tokens.deleteAll(change.user());
        User user = users.get(change.user());
        outbox.queue(new Mail("password-changed", user.email(), Map.of("name", user.name())));
    }

    /**
     * Deletes the tokens, because they were sent to the former e-mail. A pending user gets a new invitation; no mail goes to
     * the former e-mail of a pending user, which was perhaps a typing error and belongs to a stranger.
     */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void notifyUser(EmailChanged change) {
        tokens.deleteAll(change.user());
        sender.send(change.user(), AccountAction.ACTIVATION);
        User user = users.get(change.user());
        if (!user.isPending()) {
            outbox.queue(new Mail(
                    "email-changed", change.formerEmail(), Map.of("name", user.name(), "new_email", user.email())));
        }
    }
}
