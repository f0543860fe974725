package dev.usersapi.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import jakarta.annotation.PreDestroy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.stereotype.Component;

/**
 * When sessions were used, noted in memory and written together, so that no request waits for a write. Only the first use
 * of a session's newest access token is written at once, by a thread of its own: other instances need it to recognise
 * that an old refresh token is presented by somebody else.
 */
@Component
class SessionUseRecorder {

    static final int MOST_NOTED = 20_000;

    private static final Logger log = LoggerFactory.getLogger(SessionUseRecorder.class);

    /** The last use of a session, and when the newest of the access tokens was issued that it was used with. */
    private record Use(Instant time, Instant tokenIssuedAt) {

        Use merge(Use later) {
            return new Use(later.time, SessionUseRecorder.later(tokenIssuedAt, later.tokenIssuedAt));
        }
    }

    private final Map<UUID, Use> noted = new ConcurrentHashMap<>();
    private final Set<UUID> firstUsed = ConcurrentHashMap.newKeySet(); // of those noted, what is to be written at once

    /** When the newest access token was issued that a session is known in the database to have been used with. */
    private final Cache<UUID, Instant> written = Caffeine.newBuilder()
            .maximumSize(100_000)
            .expireAfterAccess(Duration.ofHours(1))
            .build();

    private final JdbcClient database;
    private final Clock clock;
    private final ExecutorService writer;

    @Autowired
    SessionUseRecorder(JdbcClient database, Clock clock) {
        this(database, clock, writer());
    }

    SessionUseRecorder(JdbcClient database, Clock clock, ExecutorService writer) {
        this.database = database;
        this.clock = clock;
        this.writer = writer;
    }

    private static ExecutorService writer() {
        CustomizableThreadFactory threads = new CustomizableThreadFactory("session-uses-");
        threads.setDaemon(true);
        // a write that has not begun yet includes what is noted now, so at most one needs to wait
        return new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(1),
                threads,
                new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Beyond what the memory has room for, a session's next use is noted instead, or its next refresh written. */
    void note(UUID session, Instant tokenIssuedAt) {
        if (noted.size() < MOST_NOTED || noted.containsKey(session)) {
            Use use = new Use(clock.instant(), tokenIssuedAt);
            noted.merge(session, use, Use::merge);
            if (isFirst(session, use)) {
                firstUsed.add(session);
                writer.execute(this::writeFirstUses);
            }
        }
    }

    private boolean isFirst(UUID session, Use use) {
        Instant known = written.getIfPresent(session);
        return known == null || known.isBefore(use.tokenIssuedAt);
    }

    /**
     * Whether the session was used with an access token that was issued at the time or later. Of a token's first
     * use, other instances know a moment later; if the write failed, after the next use or after half a minute.
     */
    boolean wasUsedWithTokenSince(Session session, Instant time) {
        Instant second = time.truncatedTo(ChronoUnit.SECONDS); // as access tokens tell it
        Use use = noted.get(session.id());
        Instant written = session.newestTokenIssuedAt();
        return (use != null && !use.tokenIssuedAt().isBefore(second)) || (written != null && !written.isBefore(second));
    }

    @Scheduled(fixedDelayString = "PT30S")
    void write() {
        write(Map.copyOf(noted));
    }

    private void writeFirstUses() {
        Map<UUID, Use> uses = new HashMap<>();
        for (UUID session : Set.copyOf(firstUsed)) {
            firstUsed.remove(session);
            Use use = noted.get(session);
            if (use != null) { // not written meanwhile
                uses.put(session, use);
            }
        }
        write(uses);
    }

    @PreDestroy
    void close() {
        writer.shutdown();
        write();
    }

    private void write(Map<UUID, Use> uses) {
        if (uses.isEmpty()) {
            return;
        }
        try {
            // rows that requests have locked are written later, so that this cannot deadlock with them
            Set<UUID> locked = database.sql("""
                            with noted as (
                                select * from unnest(cast(:ids as uuid[]), cast(:times as timestamptz[]),
                                    cast(:issued as timestamptz[])) as noted (id, used_at, issued_at)
                            ), news as (
                                select noted.* from noted join sessions s on s.id = noted.id
                                    and (s.last_used_at < noted.used_at or s.newest_token_issued_at is null
                                        or s.newest_token_issued_at < noted.issued_at)
                            ), free as (
                                select news.* from news join sessions s on s.id = news.id
                                for no key update of s skip locked
                            ), written as (
                                update sessions s set last_used_at = greatest(s.last_used_at, free.used_at),
                                    newest_token_issued_at = greatest(s.newest_token_issued_at, free.issued_at)
                                from free where s.id = free.id
                                returning s.id
                            )
                            select id from news except select id from written""")
                    .param("ids", uses.keySet().stream().map(UUID::toString).toArray(String[]::new))
                    .param("times", texts(uses, Use::time))
                    .param("issued", texts(uses, Use::tokenIssuedAt))
                    .query(UUID.class)
                    .set();
            uses.forEach((session, use) -> {
                if (!locked.contains(session)) {
                    written.asMap().merge(session, use.tokenIssuedAt, SessionUseRecorder::later);
                    noted.remove(session, use);
                }
            });
        } catch (DataAccessException e) {
            log.debug("Uses of sessions are written later", e); // readiness tells of a database that is gone
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static String[] texts(Map<UUID, Use> uses, Function<Use, Instant> part) {
        return uses.values().stream().map(part).map(Instant::toString).toArray(String[]::new);
    }
}
