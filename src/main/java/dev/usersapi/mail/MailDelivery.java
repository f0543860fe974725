package dev.usersapi.mail;

import static java.time.temporal.ChronoUnit.SECONDS;

import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.VoidExecutionHandler;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Delivers a queued mail, and schedules a retry or drops the mail if that fails. */
@Component
class MailDelivery implements VoidExecutionHandler<QueuedMail>, FailureHandler<QueuedMail> {

    private static final Logger log = LoggerFactory.getLogger(MailDelivery.class);

    private final MailTransport transport;
    private final ObjectProvider<MailWriter> writers; // lazy, because writers may depend on the Outbox
    private final RetrySchedule retrySchedule;
    private final MeterRegistry meters;

    MailDelivery(
            MailTransport transport,
            ObjectProvider<MailWriter> writers,
            RetrySchedule retrySchedule,
            MeterRegistry meters) {
        this.transport = transport;
        this.writers = writers;
        this.retrySchedule = retrySchedule;
        this.meters = meters;
    }

    @Override
    public void execute(TaskInstance<QueuedMail> task, ExecutionContext context) {
        findMail(task.getData()).ifPresent(mail -> {
            try {
                transport.deliver(mail);
            } catch (MessagingException | IOException | RuntimeException e) {
                throw new MailDeliveryException(mail, e);
            }
            count(mail.template(), "delivered");
        });
    }

    private Optional<Mail> findMail(QueuedMail queued) {
        if (queued.mail() != null) {
            return Optional.of(queued.mail());
        }
        return writers.stream()
                .filter(writer -> writer.kind().equals(queued.kind()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("There is no MailWriter of this kind"))
                .write(String.valueOf(queued.reference()));
    }

    @Override
    public void onFailure(ExecutionComplete failed, ExecutionOperations<QueuedMail> operations) {
        QueuedMail queued = (QueuedMail) failed.getExecution().taskInstance.getData();
        Throwable cause = failed.getCause().orElseThrow();
        int failures = failed.getExecution().consecutiveFailures + 1;
        boolean refused = cause instanceof MailDeliveryException undelivered && undelivered.isPermanentRefusal();
        Optional<Instant> next = retrySchedule.next(queued.queuedAt(), failures, refused);
        next.ifPresentOrElse(time -> operations.reschedule(failed, time), operations::remove);
        report(queued, cause, failures, next);
    }

    private void report(QueuedMail queued, Throwable cause, int failures, Optional<Instant> next) {
        String template = String.valueOf(queued.kind());
        String mail = template;
        String reason = "the mail could not be created";
        @Nullable Throwable logged = cause;
        if (cause instanceof MailDeliveryException undelivered) { // its stack trace would not help
            template = undelivered.mail().template();
            mail = undelivered.mail().toString();
            reason = undelivered.reason();
            logged = null;
        }
        if (next.isPresent()) {
            count(template, "failed");
            log.warn(
                    "Mail {} was not delivered at attempt {} and is retried at {}: {}",
                    mail,
                    failures,
                    next.get().truncatedTo(SECONDS),
                    reason,
                    logged);
        } else {
            count(template, "dropped");
            log.error("Mail {} was dropped after {} attempts: {}", mail, failures, reason, logged);
        }
    }

    private void count(String template, String outcome) {
        meters.counter("users.mails", "template", template, "outcome", outcome).increment();
    }
}
