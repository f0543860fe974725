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

/** Makes links and has them sent, in one transaction. */
@Service
class LinkService {

    private static final Duration BETWEEN_MAILS = Duration.ofMinutes(1);

    private final Links links;
    private final LinkProperties properties;
    private final Outbox outbox;
    private final TransactionTemplate transaction;

    LinkService(Links links, LinkProperties properties, Outbox outbox, PlatformTransactionManager transactions) {
        this.links = links;
        this.properties = properties;
        this.outbox = outbox;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** Sends a link, and ends the one that was sent before; false where the user's status does not fit. */
    boolean send(UserId user, LinkKind kind) {
        return send(user, kind, null);
    }

    /** As {@link #send(UserId, LinkKind)}, to an e-mail that is not the user's yet. */
    boolean sendTo(String email, UserId user) {
        return send(user, LinkKind.EMAIL_CHANGE, email);
    }

    /** For requests of just anybody: ends nothing, and sends nothing where one was sent a moment ago. */
    void sendAnother(UserId user, LinkKind kind) {
        transaction.executeWithoutResult(status -> links.renew(user, kind, kind.lifetime(properties), BETWEEN_MAILS)
                .ifPresent(this::queue));
    }

    private boolean send(UserId user, LinkKind kind, @Nullable String email) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            UUID id = UUID.randomUUID();
            boolean made = links.replace(id, user, kind, email, kind.lifetime(properties));
            if (made) {
                queue(id);
            }
            return made;
        }));
    }

    private void queue(UUID link) {
        outbox.queue(LinkMail.KIND, link.toString());
    }

    @Scheduled(fixedDelayString = "PT1H")
    void deleteExpired() {
        links.deleteExpired();
    }
}
