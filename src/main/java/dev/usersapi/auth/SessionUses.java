package dev.usersapi.auth;

import jakarta.annotation.PreDestroy;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** When sessions were used, noted in memory and written together, so that no request costs a write. */
@Component
class SessionUses {

    static final int MOST_NOTED = 20_000;

    private static final Logger log = LoggerFactory.getLogger(SessionUses.class);

    private final Map<UUID, Instant> noted = new ConcurrentHashMap<>();
    private final JdbcClient database;
    private final Clock clock;

    SessionUses(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Beyond what the memory has room for, a session's next use is noted instead, or its next refresh written. */
    void note(UUID session) {
        if (noted.size() < MOST_NOTED || noted.containsKey(session)) {
            noted.put(session, clock.instant());
        }
    }

    @Scheduled(fixedDelayString = "PT30S")
    @PreDestroy
    void write() {
        Map<UUID, Instant> uses = Map.copyOf(noted);
        if (uses.isEmpty()) {
            return;
        }
        try {
            // who holds a row's lock is refreshing the session, which says when it was used, or ending it
            database.sql("""
                            update sessions set last_used_at = u.used_at
                            from (
                                select s.id, noted.used_at
                                from unnest(cast(:ids as uuid[]), cast(:times as timestamptz[])) noted (id, used_at)
                                join sessions s on s.id = noted.id and s.last_used_at < noted.used_at
                                for no key update of s skip locked
                            ) u
                            where sessions.id = u.id""")
                    .param("ids", texts(uses.keySet()))
                    .param("times", texts(uses.values()))
                    .update();
            uses.forEach(noted::remove);
        } catch (DataAccessException e) {
            log.debug("Uses of sessions are written later", e); // readiness tells of a database that is gone
        }
    }

    private static String[] texts(Collection<?> values) {
        return values.stream().map(Object::toString).toArray(String[]::new);
    }
}
