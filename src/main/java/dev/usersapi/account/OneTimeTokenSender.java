package dev.usersapi.account;

import dev.usersapi.mail.Outbox;
import dev.usersapi.user.UserId;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Creates an action and queues the mail with its one-time token, in one transaction. */
@Service
class OneTimeTokenSender {

    private static final Duration MIN_TIME_BETWEEN_MAILS = Duration.ofMinutes(1);

    private final OneTimeTokenRepository tokens;
    private final OneTimeTokenProperties properties;
    private final Outbox outbox;
    private final TransactionTemplate transaction;

    OneTimeTokenSender(
            OneTimeTokenRepository tokens,
            OneTimeTokenProperties properties,
            Outbox outbox,
            PlatformTransactionManager transactions) {
        this.tokens = tokens;
        this.properties = properties;
        this.outbox = outbox;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * Sends a token to the user. Tokens for this action that were sent before are no longer valid.
     *
     * @return false if the user does not have the status that the action requires
     */
    boolean send(UserId user, AccountAction action) {
        return send(user, action, null);
    }

    /** Sends a token for {@link AccountAction#EMAIL_CHANGE} to the new e-mail, otherwise like {@link #send}. */
    boolean sendToNewEmail(String newEmail, UserId user) {
        return send(user, AccountAction.EMAIL_CHANGE, newEmail);
    }

    /**
     * Sends a token for a request that anybody can make. Tokens that were sent before remain valid, and nothing is sent
     * if a mail for this action was requested less than a minute ago.
     */
    void sendUnlessSentRecently(UserId user, AccountAction action) {
        transaction.executeWithoutResult(
                status -> tokens.extend(user, action, action.lifetime(properties), MIN_TIME_BETWEEN_MAILS)
                        .ifPresent(this::queueMail));
    }

    private boolean send(UserId user, AccountAction action, @Nullable String newEmail) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            UUID actionId = UUID.randomUUID();
            boolean created = tokens.replace(actionId, user, action, newEmail, action.lifetime(properties));
            if (created) {
                queueMail(actionId);
            }
            return created;
        }));
    }

    private void queueMail(UUID actionId) {
        outbox.queue(OneTimeTokenMail.KIND, actionId.toString());
    }

    @Scheduled(fixedDelayString = "PT1H")
    void deleteExpired() {
        tokens.deleteExpired();
    }
}
