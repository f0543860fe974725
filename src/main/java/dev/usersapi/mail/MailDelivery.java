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

/** One attempt to deliver a queued mail, and what becomes of it when that fails. */
@Component
class MailDelivery implements VoidExecutionHandler<QueuedMail>, FailureHandler<QueuedMail> {

    private static final Logger log = LoggerFactory.getLogger(MailDelivery.class);

    private final MailCarrier carrier;
    private final ObjectProvider<MailWriter> writers; // asked late: writers may themselves queue mail
    private final Retries retries;
    private final MeterRegistry meters;

    MailDelivery(MailCarrier carrier, ObjectProvider<MailWriter> writers, Retries retries, MeterRegistry meters) {
        this.carrier = carrier;
        this.writers = writers;
        this.retries = retries;
        this.meters = meters;
    }

    @Override
    public void execute(TaskInstance<QueuedMail> task, ExecutionContext context) {
        written(task.getData()).ifPresent(mail -> {
            try {
                carrier.deliver(mail);
            } catch (MessagingException | IOException | RuntimeException e) {
                throw new UndeliveredException(mail, e);
            }
            count(mail.template(), "delivered");
        });
    }

    private Optional<Mail> written(QueuedMail queued) {
        if (queued.mail() != null) {
            return Optional.of(queued.mail());
        }
        return writers.stream()
                .filter(writer -> writer.kind().equals(queued.kind()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Nobody here writes mail of this kind"))
                .write(String.valueOf(queued.reference()));
    }

    @Override
    public void onFailure(ExecutionComplete failed, ExecutionOperations<QueuedMail> operations) {
        QueuedMail queued = (QueuedMail) failed.getExecution().taskInstance.getData();
        Throwable cause = failed.getCause().orElseThrow();
        int failures = failed.getExecution().consecutiveFailures + 1;
        boolean refused = cause instanceof UndeliveredException undelivered && undelivered.isRefusal();
        Optional<Instant> next = retries.next(queued.queuedAt(), failures, refused);
        next.ifPresentOrElse(time -> operations.reschedule(failed, time), operations::remove);
        report(queued, cause, failures, next);
    }

    private void report(QueuedMail queued, Throwable cause, int failures, Optional<Instant> next) {
        String template = String.valueOf(queued.kind());
        String mail = template;
        String reason = "it could not be written";
        @Nullable Throwable shown = cause;
        if (cause instanceof UndeliveredException undelivered) { // a fault of others: its stack trace tells nothing
            template = undelivered.mail().template();
            mail = undelivered.mail().toString();
            reason = undelivered.reason();
            shown = null;
        }
        if (next.isPresent()) {
            count(template, "failed");
            log.warn(
                    "Mail {} failed, attempt {}, next at {}: {}",
                    mail,
                    failures,
                    next.get().truncatedTo(SECONDS),
                    reason,
                    shown);
        } else {
            count(template, "dropped");
            log.error("Mail {} is given up after {} attempts: {}", mail, failures, reason, shown);
        }
    }

    private void count(String template, String outcome) {
        meters.counter("users.mails", "template", template, "outcome", outcome).increment();
    }
}
