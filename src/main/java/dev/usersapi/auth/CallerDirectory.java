package dev.usersapi.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usersapi.role.Permission;
import dev.usersapi.user.AccessChanged;
import dev.usersapi.user.UserId;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongArray;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * What the holder of a session may do now, remembered for a moment so that most requests need no look-up.
 *
 * <p>A change made on this instance counts at once: it raises its user's generation, and what was remembered, or is
 * just being looked up, under an older one is not used. A change made elsewhere counts when the moment is over.
 */
@Component
class CallerDirectory {

    private static final Duration MOMENT = Duration.ofSeconds(3); // within the five that the API promises
    private static final int GENERATIONS = 4096;

    private record Entry(Optional<Set<Permission>> permissions, long generation) {}

    private final JdbcClient database;
    private final Cache<UUID, Entry> entries =
            Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(MOMENT).build();
    private final AtomicLongArray generations = new AtomicLongArray(GENERATIONS); // users share them by hash

    CallerDirectory(JdbcClient database) {
        this.database = database;
    }

    /** Empty when the session has ended or its user is not active. */
    Optional<Set<Permission>> find(UserId user, UUID session) {
        long generation = generations.get(slot(user));
        Entry known = entries.getIfPresent(session);
        if (known == null || known.generation() != generation) {
            known = new Entry(lookUp(user, session), generation);
            entries.put(session, known);
        }
        return known.permissions();
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void forget(AccessChanged change) {
        generations.incrementAndGet(slot(change.user()));
    }

    private static int slot(UserId user) {
        return Math.floorMod(user.hashCode(), GENERATIONS);
    }

    private Optional<Set<Permission>> lookUp(UserId user, UUID session) {
        return database.sql("""
                        select array(select permission from role_permissions p where p.role = u.role) as permissions
                        from sessions s join users u on u.id = s.user_id
                        where s.id = ? and s.user_id = ? and s.expires_at > now() and u.status = 'active'""")
                .params(session, user.value())
                .query((row, number) -> Permission.known(texts(row)))
                .optional();
    }

    private static List<String> texts(ResultSet row) throws SQLException {
        Array array = row.getArray("permissions");
        return List.of((String[]) array.getArray());
    }
}
