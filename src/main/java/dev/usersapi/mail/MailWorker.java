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
 * Works through the queue with db-scheduler, together with all other instances on the database: each mail is taken by
 * one, and by another when that one has shown no sign of life for a minute. So a mail is delivered at least once: twice
 * where an instance ends between handing it over and noting so.
 */
@Component
class MailWorker implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(MailWorker.class);

    private final OneTimeTask<QueuedMail> task;
    private final Scheduler scheduler;

    MailWorker(DataSource database, MailDelivery delivery) {
        task = Tasks.oneTime("mail", QueuedMail.class).onFailure(delivery).execute(delivery);
        // on the caller's connection: what is queued in a transaction is there when that is committed, and only then
        scheduler = Scheduler.create(new TransactionAwareDataSourceProxy(database), task)
                .jdbcCustomization(new PostgreSqlJdbcCustomization(false, false))
                .serializer(new Json())
                .threads(2)
                .pollUsingLockAndFetch(0.5, 1.0)
                .pollingInterval(Duration.ofSeconds(5)) // what this instance queues is looked for at once
                .heartbeatInterval(Duration.ofSeconds(15))
                .missedHeartbeatsLimit(4)
                .shutdownMaxWait(Duration.ofSeconds(5))
                .failureLogging(LogLevel.OFF, false)
                .addSchedulerListener(new Outages())
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

    /** With one INSERT: the library's other ways to schedule ask first whether the task is there. */
    void add(QueuedMail mail, Instant due) {
        scheduler.scheduleBatch(List.of(task.instance(UUID.randomUUID().toString(), mail)), due);
    }

    void wake() {
        scheduler.triggerCheckForDueExecutions();
    }

    private static final class Json implements Serializer {

        @Override
        public byte[] serialize(Object data) {
            return JsonMapper.shared().writeValueAsBytes(data);
        }

        @Override
        public <T> T deserialize(Class<T> type, byte[] json) {
            return JsonMapper.shared().readValue(json, type);
        }
    }

    /** Tells of each outage once, where the library would tell with each look into the queue. */
    private static final class Outages extends AbstractSchedulerListener {

        private final AtomicBoolean out = new AtomicBoolean();

        @Override
        public void onSchedulerEvent(SchedulerEventType event) {
            if (event == SchedulerEventType.UNEXPECTED_ERROR) {
                if (out.compareAndSet(false, true)) {
                    log.warn("Mail waits: its queue cannot be read. This mends itself when the database answers.");
                }
            } else if ((event == SchedulerEventType.RAN_DETECT_DEAD || event == SchedulerEventType.RAN_EXECUTE_DUE)
                    && out.compareAndSet(true, false)) {
                log.info("The queue of mail is read again");
            }
        }
    }
}
