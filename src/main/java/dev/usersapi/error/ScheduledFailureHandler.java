package dev.usersapi.error;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.task.ThreadPoolTaskSchedulerCustomizer;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.stereotype.Component;
import org.springframework.util.ErrorHandler;

/** Whatever a scheduled method throws. What will pass is worth a line, as the method is called again. */
@Component
class ScheduledFailureHandler implements ErrorHandler, ThreadPoolTaskSchedulerCustomizer {

    private static final Logger log = LoggerFactory.getLogger(ScheduledFailureHandler.class);

    @Override
    public void customize(ThreadPoolTaskScheduler scheduler) {
        scheduler.setErrorHandler(this);
    }

    @Override
    public void handleError(Throwable failure) {
        if (failure instanceof TransientDataAccessException || DatabaseOutage.isBehind(failure)) {
            log.warn("A scheduled task is left for its next time: {}", DatabaseOutage.message(failure));
        } else {
            log.error("A scheduled task failed", failure);
        }
    }
}
