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
 * The queue. Mail is queued in the caller's transaction, and exists only if that is committed. It is delivered within a
 * second or so, and where that fails tried again for three days.
 */
@Service
public class Outbox {

    private final MailWorker worker;
    private final MailTemplates templates;
    private final MailCarrier carrier;
    private final Clock clock;

    Outbox(MailWorker worker, MailTemplates templates, MailCarrier carrier, Clock clock, DatabaseGauges gauges) {
        this.worker = worker;
        this.templates = templates;
        this.carrier = carrier;
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
     * Queues a mail without secrets: it lies in the database until it is delivered.
     *
     * @throws IllegalArgumentException where there is no such template or it speaks of a value that is not given
     */
    public void queue(Mail mail) {
        templates.requireComplete(mail);
        Instant now = clock.instant();
        add(new QueuedMail(now, mail, null, null), now);
    }

    /** Queues a mail that the {@link MailWriter} of the kind writes when it is delivered. */
    public void queue(String kind, String reference) {
        Instant now = clock.instant();
        add(new QueuedMail(now, null, kind, reference), now);
    }

    /** Where mail goes, for the operator to read. */
    public String destination() {
        return carrier.destination();
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
