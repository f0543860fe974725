package dev.usersapi.mail;

import dev.usersapi.database.DatabaseGauges;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Queues mail in the caller's transaction, so that it is sent only if that is committed. Mail is delivered about a second
 * later, and retried for three days if that fails.
 */
@Service
public class Outbox {

    private final MailWorker worker;
    private final MailTemplates templates;
    private final MailTransport transport;
    private final Clock clock;

    Outbox(MailWorker worker, MailTemplates templates, MailTransport transport, Clock clock, DatabaseGauges gauges) {
        this.worker = worker;
        this.templates = templates;
        this.transport = transport;
        this.clock = clock;
        gauges.add(
                "users.mails.waiting",
                "Mails that are queued and not delivered",
                Tags.empty(),
                "select count(*) from scheduled_tasks where task_name = 'mail'",
                Map.of());
        gauges.add(
                "users.mails.oldest.age.seconds",
                "Time since the oldest of the waiting mails was queued",
                Tags.empty(),
                "select coalesce(extract(epoch from now() - min("
                        + "(convert_from(task_data, 'UTF8')::json ->> 'queuedAt')::timestamptz)), 0)"
                        + " from scheduled_tasks where task_name = 'mail'",
                Map.of());
    }

    /**
     * Queues a mail that contains no secrets, because the database stores it until it is delivered.
     *
     * @throws IllegalArgumentException if the mail has no template, or no value for a variable of its template
     */
    public void queue(Mail mail) {
        templates.requireComplete(mail);
        Instant now = clock.instant();
        add(new QueuedMail(now, mail, null, null), now);
    }

    /** Queues a mail that the {@link MailWriter} of the kind creates when it is delivered. */
    public void queue(String kind, String reference) {
        Instant now = clock.instant();
        add(new QueuedMail(now, null, kind, reference), now);
    }

    /** Describes in the startup report where mail goes. */
    public String destination() {
        return transport.destination();
    }

    private void add(QueuedMail mail, Instant now) {
        worker.add(mail, now);
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            worker.wake();
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                worker.wake();
            }
        });
    }
}
