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

/** Notes which keys are used, and writes it down in the background: no request pays for it. */
@Component
class ApiKeyUses {

    private static final Logger log = LoggerFactory.getLogger(ApiKeyUses.class);

    private final Set<UUID> used = ConcurrentHashMap.newKeySet();
    private final ApiKeyRepository keys;
    private final Clock clock;

    ApiKeyUses(ApiKeyRepository keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    void note(UUID key) {
        used.add(key);
    }

    @Scheduled(fixedDelayString = "PT5S")
    @PreDestroy
    void write() {
        List<UUID> noted = List.copyOf(used);
        if (noted.isEmpty()) {
            return;
        }
        try {
            keys.recordUse(noted.toArray(UUID[]::new), clock.instant());
            noted.forEach(used::remove);
        } catch (DataAccessException e) {
            log.debug("Uses of API keys are written later", e); // readiness tells of a database that is gone
        }
    }
}
