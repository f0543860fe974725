package dev.usersapi.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Mailbox;
import dev.usersapi.support.Mailbox.Received;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.support.TransactionTemplate;

/** From the queue through a real SMTP server to the mailbox. */
@ApiTest
class OutboxIT {

    @Autowired
    private Outbox outbox;

    @Autowired
    private Mailbox mailbox;

    @Autowired
    private TransactionTemplate transaction;

    private final String recipient = "o'hara..+" + UUID.randomUUID() + "@example.com";

    @Test
    void mailArrivesOnlyAfterTheCommit() {
        transaction.executeWithoutResult(status -> {
            outbox.queue(new Mail("password-changed", recipient, Map.of("name", "Zoë \"><b>Ökonom</b>")));
            assertThat(mailbox.isEmpty(recipient)).isTrue();
        });

        Received received = mailbox.await(recipient);

        assertThat(received.subject()).isEqualTo("Your password was changed");
        assertThat(received.header("From")).isEqualTo("Users <accounts@example.com>");
        assertThat(received.header("To")).isEqualTo(recipient);
        assertThat(received.header("Auto-Submitted")).isEqualTo("auto-generated");
        assertThat(received.text()).contains("Hello Zoë \"><b>Ökonom</b>,");
        assertThat(received.html()).contains("Hello Zoë &quot;&gt;&lt;b&gt;Ökonom&lt;/b&gt;,");
    }

    @Test
    void noMailIsSentWhenTheTransactionIsRolledBack() {
        transaction.executeWithoutResult(status -> {
            outbox.queue(new Mail("password-changed", recipient, Map.of("name", "Ann")));
            status.setRollbackOnly();
        });
        outbox.queue(new Mail("totp-enabled", recipient, Map.of("name", "Ann")));

        assertThat(mailbox.await(recipient).subject()).isEqualTo("Two-step login is on");
        assertThat(mailbox.isEmpty(recipient)).isTrue();
    }

    @Test
    void queueThrowsWhenAValueIsMissing() {
        assertThatThrownBy(() -> outbox.queue(new Mail("password-changed", recipient, Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The mail password-changed has no value for [name]");
    }
}
