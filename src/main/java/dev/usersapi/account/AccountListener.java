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

/** What a change of an account means for its links, and whom it is told, in the transaction of the change. */
@Component
class AccountListener {

    private final UserService users;
    private final LinkService sender;
    private final Links links;
    private final Outbox outbox;

    AccountListener(UserService users, LinkService sender, Links links, Outbox outbox) {
        this.users = users;
        this.sender = sender;
        this.links = links;
        this.outbox = outbox;
    }

    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void invite(UserCreated event) {
        sender.send(event.user(), LinkKind.ACTIVATION);
    }

    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void endUnfitLinks(AccessChanged change) {
        links.deleteUnfit(change.user());
    }

    /** Whoever asked for the present links may be why the password was changed. */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void tell(PasswordChanged change) {
        links.deleteAll(change.user());
        User user = users.get(change.user());
        outbox.queue(new Mail("password-changed", user.email(), Map.of("name", user.name())));
    }

    /**
     * Links prove a mailbox that is not the user's any more. Who has not followed their invitation gets a new one, and
     * nobody is told at the former address, which was perhaps mistyped and a stranger's.
     */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void tell(EmailChanged change) {
        links.deleteAll(change.user());
        sender.send(change.user(), LinkKind.ACTIVATION);
        User user = users.get(change.user());
        if (!user.isPending()) {
            outbox.queue(new Mail(
                    "email-changed", change.formerEmail(), Map.of("name", user.name(), "new_email", user.email())));
        }
    }
}
