package dev.usersapi.password;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Hashes with Argon2id, a bounded number at once, and verifies hashes that other systems made. Each hash takes 19 MiB and
 * tens of milliseconds, and a flood of log-ins must neither fill the memory nor hold every request thread; see
 * {@link HashingQueue}. An imported hash that takes memory runs alone.
 */
@Component
class BoundedPasswordEncoder implements PasswordEncoder {

    private static final int MEBIBYTE = 1024 * 1024;
    private static final int HEAP_WITHOUT_HASHES = 96; // MiB, with all caches full
    private static final int HEAP_OF_A_HASH = 24; // MiB
    private static final int MOST_HEAP_OF_AN_IMPORTED_HASH = 66; // MiB: the 64 that many take, and what goes with them

    private static final Duration MAX_WAIT = Duration.ofSeconds(2);

    private static final Logger log = LoggerFactory.getLogger(BoundedPasswordEncoder.class);

    private final PooledArgon2Encoder argon2;
    private final int concurrent;
    private final HashingQueue queue;

    @Autowired
    BoundedPasswordEncoder(PasswordProperties properties) {
        this(properties, new PooledArgon2Encoder(concurrent(properties)), System::nanoTime);
    }

    BoundedPasswordEncoder(PasswordProperties properties, PooledArgon2Encoder argon2, LongSupplier nanoTime) {
        this.argon2 = argon2;
        concurrent = concurrent(properties);
        queue = new HashingQueue(concurrent, MAX_WAIT, nanoTime);
    }

    private static int concurrent(PasswordProperties properties) {
        if (properties.concurrentHashes() > 0) {
            return properties.concurrentHashes();
        }
        int half = Runtime.getRuntime().availableProcessors() / 2;
        return (int) Math.max(1, Math.min(half, heapForHashes() / HEAP_OF_A_HASH));
    }

    /** In MiB. */
    private static long heapForHashes() {
        return Runtime.getRuntime().maxMemory() / MEBIBYTE - HEAP_WITHOUT_HASHES;
    }

    @Override
    public @Nullable String encode(@Nullable CharSequence password) {
        if (password == null) {
            return null;
        }
        String normal = PasswordPolicy.normalize(password);
        return queue.run(HashingQueue.Kind.OWN, 1, () -> argon2.encode(normal));
    }

    @Override
    public boolean matches(@Nullable CharSequence password, @Nullable String hash) {
        if (password == null) {
            return false;
        }
        String normal = PasswordPolicy.normalize(password);
        Optional<ImportedHash> imported = imported(hash);
        if (imported.isPresent()) {
            return matches(password.toString(), normal, imported.get());
        }
        return queue.run(HashingQueue.Kind.OWN, 1, () -> argon2.matches(normal, hash));
    }

    @Override
    public boolean upgradeEncoding(@Nullable String hash) {
        return argon2.upgradeEncoding(hash);
    }

    private Optional<ImportedHash> imported(@Nullable String hash) {
        return hash == null || !argon2.upgradeEncoding(hash)
                ? Optional.empty()
                : ImportedHash.parse(hash).filter(BoundedPasswordEncoder::isAffordable);
    }

    private static boolean isAffordable(ImportedHash hash) {
        long heap = Math.max(HEAP_OF_A_HASH, Math.min(heapForHashes(), MOST_HEAP_OF_AN_IMPORTED_HASH));
        boolean affordable = hash.isQuick() && hash.memory() <= heap * MEBIBYTE;
        if (!affordable) {
            log.warn("An imported {} hash costs too much to compute: its user needs a new password", hash.scheme());
        }
        return affordable;
    }

    /** What other systems hash may be the password as it was typed, in no normal form. */
    private boolean matches(String typed, String normal, ImportedHash hash) {
        Supplier<Boolean> work = () -> hash.matches(normal) || (!typed.equals(normal) && hash.matches(typed));
        if (hash.memory() == 0) {
            return queue.run(HashingQueue.Kind.IMPORTED, 1, work);
        }
        return queue.run(HashingQueue.Kind.IMPORTED, concurrent, () -> {
            argon2.releaseMemory();
            return work.get();
        });
    }

    /** How many hashes wait for their turn, approximately. */
    int waiting() {
        return queue.waiting();
    }
}
