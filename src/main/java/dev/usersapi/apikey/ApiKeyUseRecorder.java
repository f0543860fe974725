package dev.usersapi.apikey;

import jakarta.annotation.PreDestroy;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Collects in memory which keys are used and stores it in the background, so that no request waits for the write. */
@Component
class ApiKeyUseRecorder {

    private static final Logger log = LoggerFactory.getLogger(ApiKeyUseRecorder.class);

    private final Set<UUID> used = ConcurrentHashMap.newKeySet();
    private final ApiKeyRepository keys;
    private final Clock clock;

    ApiKeyUseRecorder(ApiKeyRepository keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    void recordUse(UUID key) {
        used.add(key);
    }

    @Scheduled(fixedDelayString = "PT5S")
    @PreDestroy
    void store() {
        List<UUID> collected = List.copyOf(used);
        if (collected.isEmpty()) {
            return;
        }
        try {
            keys.recordUse(collected.toArray(UUID[]::new), clock.instant());
            collected.forEach(used::remove);
        } catch (DataAccessException | TransactionException e) {
            log.debug("The use of API keys is stored later", e); // the readiness probe reports the outage
        }
    }
}
