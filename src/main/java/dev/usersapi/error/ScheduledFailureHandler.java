package dev.usersapi.error;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.task.ThreadPoolTaskSchedulerCustomizer;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.stereotype.Component;
import org.springframework.util.ErrorHandler;

/**
 * Logs the exceptions of scheduled methods: a temporary failure of the database as one line, because the next run can
 * succeed, and everything else with its stack trace.
 */
@Component
class ScheduledFailureHandler implements ErrorHandler, ThreadPoolTaskSchedulerCustomizer {

    private static final Logger log = LoggerFactory.getLogger(ScheduledFailureHandler.class);

    @Override
    public void customize(ThreadPoolTaskScheduler scheduler) {
        scheduler.setErrorHandler(this);
    }

    @Override
    public void handleError(Throwable failure) {
        if (failure instanceof TransientDataAccessException || DatabaseOutage.isCauseOf(failure)) {
            log.warn("A scheduled task failed and will run again: {}", DatabaseOutage.rootMessage(failure));
        } else {
            log.error("A scheduled task failed", failure);
        }
    }
}
