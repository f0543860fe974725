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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.stereotype.Component;

/**
 * Records when sessions are used. It collects the uses in memory and writes them together, so that no request waits for
 * a write. Only the first use of a session's newest access token is written at once, on a separate thread, because
 * other instances need it to detect the replay of a refresh token.
 */
@Component
class SessionUseRecorder {

    static final int MAX_PENDING_SESSIONS = 20_000;

    private static final Logger log = LoggerFactory.getLogger(SessionUseRecorder.class);

    private final Map<UUID, SessionUse> pending = new ConcurrentHashMap<>();

    /** The pending sessions whose use is to be written at once. */
    private final Set<UUID> urgent = ConcurrentHashMap.newKeySet();

    /** For each session, a lower bound of {@link Session#newestTokenIssuedAt} in the database. */
    private final Cache<UUID, Instant> knownNewestInDatabase = Caffeine.newBuilder()
            .maximumSize(100_000)
            .expireAfterAccess(Duration.ofHours(1))
            .build();

    private final SessionUseRepository repository;
    private final Clock clock;
    private final ExecutorService writer;

    @Autowired
    SessionUseRecorder(SessionUseRepository repository, Clock clock) {
        this(repository, clock, singleThread());
    }

    SessionUseRecorder(SessionUseRepository repository, Clock clock, ExecutorService writer) {
        this.repository = repository;
        this.clock = clock;
        this.writer = writer;
    }

    private static ExecutorService singleThread() {
        CustomizableThreadFactory threads = new CustomizableThreadFactory("session-uses-");
        threads.setDaemon(true);
        // a queued write includes all uses that are urgent when it begins, so one is enough and others are discarded
        return new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(1),
                threads,
                new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Ignores the use if too many sessions are pending. The next use or refresh of the session is recorded instead. */
    void recordUse(UUID session, Instant tokenIssuedAt) {
        if (pending.size() < MAX_PENDING_SESSIONS || pending.containsKey(session)) {
            pending.merge(session, new SessionUse(clock.instant(), tokenIssuedAt), SessionUse::merge);
            if (isFirstUseOfToken(session, tokenIssuedAt)) {
                urgent.add(session);
                writer.execute(this::writeUrgent);
            }
        }
    }

    private boolean isFirstUseOfToken(UUID session, Instant tokenIssuedAt) {
        Instant known = knownNewestInDatabase.getIfPresent(session);
        return known == null || known.isBefore(tokenIssuedAt);
    }

    /**
     * Whether the session was used with an access token that was issued at the time or later. Other instances know
     * the first use of a token as soon as it is written. A write that fails is repeated with the next use of the
     * session, at the latest after 30 seconds.
     */
    boolean wasUsedWithTokenIssuedSince(Session session, Instant time) {
        Instant wholeSecond = time.truncatedTo(ChronoUnit.SECONDS); // the precision of the times in access tokens
        SessionUse use = pending.get(session.id());
        Instant stored = session.newestTokenIssuedAt();
        return (use != null && !use.newestTokenIssuedAt().isBefore(wholeSecond))
                || (stored != null && !stored.isBefore(wholeSecond));
    }

    @Scheduled(fixedDelayString = "PT30S")
    void writePending() {
        write(Map.copyOf(pending));
    }

    private void writeUrgent() {
        Map<UUID, SessionUse> uses = new HashMap<>();
        for (UUID session : Set.copyOf(urgent)) {
            urgent.remove(session);
            SessionUse use = pending.get(session);
            if (use != null) { // not written in the meantime
                uses.put(session, use);
            }
        }
        write(uses);
    }

    @PreDestroy
    void close() {
        writer.shutdown();
        writePending();
    }

    private void write(Map<UUID, SessionUse> uses) {
        if (uses.isEmpty()) {
            return;
        }
        try {
            Set<UUID> skipped = repository.write(uses);
            uses.forEach((session, use) -> {
                if (!skipped.contains(session)) {
                    knownNewestInDatabase.asMap().merge(session, use.newestTokenIssuedAt(), SessionUse::latest);
                    pending.remove(session, use);
                }
            });
        } catch (DataAccessException e) {
            log.debug("Uses of sessions are written later", e); // readiness reports a failed database
        }
    }
}
