package dev.usersapi.password;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
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

    private static final Duration MAX_WAIT = Duration.ofSeconds(2);

    private final PooledArgon2Encoder argon2;
    private final int concurrent;
    private final HashingQueue queue;
    private final HashBounds bounds;

    @Autowired
    BoundedPasswordEncoder(PasswordProperties properties) {
        this(properties, new PooledArgon2Encoder(concurrent(properties)), System::nanoTime);
    }

    BoundedPasswordEncoder(PasswordProperties properties, PooledArgon2Encoder argon2, LongSupplier nanoTime) {
        this.argon2 = argon2;
        concurrent = concurrent(properties);
        bounds = new HashBounds(properties);
        queue = new HashingQueue(concurrent, MAX_WAIT, nanoTime);
    }

    private static int concurrent(PasswordProperties properties) {
        if (properties.concurrentHashes() > 0) {
            return properties.concurrentHashes();
        }
        int half = Runtime.getRuntime().availableProcessors() / 2;
        return Math.max(1, Math.min(half, HashBounds.hashesInHeap()));
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
        Optional<ImportedHash> imported = Optional.ofNullable(hash).flatMap(bounds::imported);
        if (imported.isPresent()) {
            return matches(password.toString(), normal, imported.get());
        }
        return queue.run(HashingQueue.Kind.OWN, 1, () -> argon2.matches(normal, hash));
    }

    @Override
    public boolean upgradeEncoding(@Nullable String hash) {
        return argon2.upgradeEncoding(hash);
    }

    /**
     * Tries the normal form and, because other systems may hash the password as it was typed, that too. Each waits for a
     * turn of its own, so that neither computes for longer than the bound of work allows.
     */
    private boolean matches(String typed, String normal, ImportedHash hash) {
        return matches(normal, hash) || (!typed.equals(normal) && matches(typed, hash));
    }

    private boolean matches(String password, ImportedHash hash) {
        if (hash.memory() == 0) {
            return queue.run(HashingQueue.Kind.IMPORTED, 1, () -> hash.matches(password));
        }
        return queue.run(HashingQueue.Kind.IMPORTED, concurrent, () -> {
            argon2.releaseMemory();
            return hash.matches(password);
        });
    }

    /** How many hashes wait for their turn, approximately. */
    int waiting() {
        return queue.waiting();
    }
}
