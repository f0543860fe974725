package dev.usersapi.auth;

import jakarta.annotation.PreDestroy;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
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

    /** The last use of a session, and when the newest of the access tokens was issued that it was used with. */
    private record Use(Instant time, Instant tokenIssuedAt) {

        Use merge(Use later) {
            Instant newest = tokenIssuedAt.isAfter(later.tokenIssuedAt) ? tokenIssuedAt : later.tokenIssuedAt;
            return new Use(later.time, newest);
        }
    }

    private final Map<UUID, Use> noted = new ConcurrentHashMap<>();
    private final JdbcClient database;
    private final Clock clock;

    SessionUses(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Beyond what the memory has room for, a session's next use is noted instead, or its next refresh written. */
    void note(UUID session, Instant tokenIssuedAt) {
        if (noted.size() < MOST_NOTED || noted.containsKey(session)) {
            noted.merge(session, new Use(clock.instant(), tokenIssuedAt), Use::merge);
        }
    }

    /**
     * Whether the session was used with an access token that was issued at the time or later. What other instances noted
     * is known half a minute later at most.
     */
    boolean wasUsedWithTokenSince(Session session, Instant time) {
        Instant second = time.truncatedTo(ChronoUnit.SECONDS); // as access tokens tell it
        Use use = noted.get(session.id());
        Instant written = session.newestTokenIssuedAt();
        return (use != null && !use.tokenIssuedAt().isBefore(second)) || (written != null && !written.isBefore(second));
    }

    @Scheduled(fixedDelayString = "PT30S")
    @PreDestroy
    void write() {
        Map<UUID, Use> uses = Map.copyOf(noted);
        if (uses.isEmpty()) {
            return;
        }
        try {
            // who holds a row's lock is refreshing the session, which says when it was used, or ending it
            database.sql("""
                            update sessions set last_used_at = greatest(last_used_at, u.used_at),
                                newest_token_issued_at = greatest(newest_token_issued_at, u.issued_at)
                            from (
                                select s.id, noted.used_at, noted.issued_at
                                from unnest(cast(:ids as uuid[]), cast(:times as timestamptz[]),
                                    cast(:issued as timestamptz[])) noted (id, used_at, issued_at)
                                join sessions s on s.id = noted.id and (s.last_used_at < noted.used_at
                                    or s.newest_token_issued_at is null or s.newest_token_issued_at < noted.issued_at)
                                for no key update of s skip locked
                            ) u
                            where sessions.id = u.id""")
                    .param("ids", uses.keySet().stream().map(UUID::toString).toArray(String[]::new))
                    .param("times", texts(uses, Use::time))
                    .param("issued", texts(uses, Use::tokenIssuedAt))
                    .update();
            uses.forEach(noted::remove);
        } catch (DataAccessException e) {
            log.debug("Uses of sessions are written later", e); // readiness tells of a database that is gone
        }
    }

    private static String[] texts(Map<UUID, Use> uses, Function<Use, Instant> part) {
        return uses.values().stream().map(part).map(Instant::toString).toArray(String[]::new);
    }
}
