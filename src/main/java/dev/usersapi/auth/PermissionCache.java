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
 * What the holder of a session or an API key may do now, remembered for a moment so that most requests need no look-up.
 *
 * <p>A change made on this instance counts at once: it raises its user's generation, and what was remembered, or is
 * just being looked up, under an older one is not used. A change made elsewhere counts when the moment is over.
 */
@Component
public class PermissionCache {

    private static final Duration MOMENT = Duration.ofSeconds(3); // within the five that the API promises
    private static final int GENERATIONS = 4096;

    private record Entry(UserId user, Optional<Set<Permission>> permissions, long generation) {}

    private final Cache<UUID, Entry> entries =
            Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(MOMENT).build();
    private final AtomicLongArray generations = new AtomicLongArray(GENERATIONS); // users share them by hash
    private final AtomicLong roleChanges = new AtomicLong();

    /**
     * Empty when the credential has ended or its user is not active.
     *
     * @param credential id of the user's session or key
     * @param lookUp asks the database
     */
    public Optional<Set<Permission>> find(UserId user, UUID credential, Supplier<Optional<Set<Permission>>> lookUp) {
        // both only grow, so their sum tells that neither did
        long generation = generations.get(slot(user)) + roleChanges.get();
        Entry known = entries.getIfPresent(credential);
        if (known == null || known.generation() != generation || !known.user().equals(user)) {
            known = new Entry(user, lookUp.get(), generation);
            entries.put(credential, known);
        }
        return known.permissions();
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void forget(AccessChanged change) {
        generations.incrementAndGet(slot(change.user()));
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void forget(RoleChanged change) {
        roleChanges.incrementAndGet();
    }

    private static int slot(UserId user) {
        return Math.floorMod(user.hashCode(), GENERATIONS);
    }
}
