package dev.usersapi.mail;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import com.github.kagkarlsson.scheduler.event.SchedulerListener.SchedulerEventType;
import com.github.kagkarlsson.scheduler.jdbc.PostgreSqlJdbcCustomization;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the mail queue with db-scheduler. One of the instances that share the database delivers each mail; another
 * instance takes over when that one has sent no heartbeat for a minute. A mail is therefore delivered at least once, and
 * twice if an instance fails after it has delivered the mail and before it has recorded that.
 */
@Component
class MailWorker implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(MailWorker.class);

    private final OneTimeTask<QueuedMail> task;
    private final Scheduler scheduler;

    MailWorker(DataSource database, MailDelivery delivery) {
        task = Tasks.oneTime("mail", QueuedMail.class).onFailure(delivery).execute(delivery);
        // Uses the connection of the caller's transaction, so that mail is queued only if that is committed.
        scheduler = Scheduler.create(new TransactionAwareDataSourceProxy(database), task)
                // no generic lock-and-fetch (PostgreSQL needs one statement), no UTC (the columns are timestamptz)
                .jdbcCustomization(new PostgreSqlJdbcCustomization(false, false))
                .serializer(new JsonSerializer())
                .threads(2)
                // at most one mail for each thread, so that other instances deliver the rest
                .pollUsingLockAndFetch(0.5, 1.0)
                .pollingInterval(Duration.ofSeconds(5)) // for mail of other instances; see wake()
                .heartbeatInterval(Duration.ofSeconds(15))
                .missedHeartbeatsLimit(4)
                .shutdownMaxWait(Duration.ofSeconds(5))
                .failureLogging(LogLevel.OFF, false)
                .addSchedulerListener(new OutageLog())
                .build();
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        scheduler.start();
    }

    @Override
    public void destroy() {
        scheduler.stop();
    }

    /** Uses the batch method because it is a single INSERT; other methods of db-scheduler query the task first. */
    void add(QueuedMail mail, Instant due) {
        scheduler.scheduleBatch(List.of(task.instance(UUID.randomUUID().toString(), mail)), due);
    }

    /** Makes the scheduler look for due mail now. */
    void wake() {
        scheduler.triggerCheckForDueExecutions();
    }

    private static final class JsonSerializer implements Serializer {

        @Override
        public byte[] serialize(Object data) {
            return JsonMapper.shared().writeValueAsBytes(data);
        }

        @Override
        public <T> T deserialize(Class<T> type, byte[] json) {
            return JsonMapper.shared().readValue(json, type);
        }
    }

    /** Logs each outage of the database once; db-scheduler would log it at each poll. */
    private static final class OutageLog extends AbstractSchedulerListener {

        private final AtomicBoolean outage = new AtomicBoolean();

        @Override
        public void onSchedulerEvent(SchedulerEventType event) {
            if (event == SchedulerEventType.UNEXPECTED_ERROR) {
                if (outage.compareAndSet(false, true)) {
                    log.warn("The mail queue cannot be read. Mail is delivered as soon as the database answers again.");
                }
            } else if ((event == SchedulerEventType.RAN_DETECT_DEAD || event == SchedulerEventType.RAN_EXECUTE_DUE)
                    && outage.compareAndSet(true, false)) {
                log.info("The mail queue can be read again");
            }
        }
    }
}
