package dev.usersapi.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usersapi.role.Permission;
import dev.usersapi.role.RoleChanged;
import dev.usersapi.user.AccessChanged;
import dev.usersapi.user.UserId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * Caches for three seconds which permissions a session or an API key has, so that most requests need no query.
 *
 * <p>A change on this instance takes effect at once: it increments the generation of its user, and entries of an older
 * generation are ignored, even if their query is still running. A change on another instance takes effect when the
 * entry expires.
 */
@Component
public class PermissionCache {

    private static final Duration TIME_TO_LIVE = Duration.ofSeconds(3); // the API promises at most five
    private static final int SLOTS = 4096;

    private record Entry(UserId user, Optional<Set<Permission>> permissions, long generation) {}

    private final Cache<UUID, Entry> entries = Caffeine.newBuilder()
            .maximumSize(100_000)
            .expireAfterWrite(TIME_TO_LIVE)
            .build();
    private final AtomicLongArray generations = new AtomicLongArray(SLOTS); // several users share a slot
    private final AtomicLong roleChanges = new AtomicLong();

    /**
     * The permissions; empty if the session or API key has ended, or its user is not active.
     *
     * @param credential the id of the session or API key
     * @param query reads the permissions from the database
     */
    public Optional<Set<Permission>> find(UserId user, UUID credential, Supplier<Optional<Set<Permission>>> query) {
        // both only grow, so an equal sum means that neither has changed
        long generation = generations.get(slot(user)) + roleChanges.get();
        Entry entry = entries.getIfPresent(credential);
        if (entry == null || entry.generation() != generation || !entry.user().equals(user)) {
            entry = new Entry(user, query.get(), generation);
            entries.put(credential, entry);
        }
        return entry.permissions();
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void evict(AccessChanged change) {
        generations.incrementAndGet(slot(change.user()));
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void evictAll(RoleChanged change) {
        roleChanges.incrementAndGet();
    }

    private static int slot(UserId user) {
        return Math.floorMod(user.hashCode(), SLOTS);
    }
}
