package dev.usersapi.password;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Hashes passwords with Argon2id and verifies hashes of other systems. Each Argon2id hash takes 19 MiB and tens of
 * milliseconds, so a {@link HashingQueue} limits how many are computed at once: many logins must neither fill the memory
 * nor block all request threads. An imported hash that takes memory is computed alone.
 */
@Component
class BoundedPasswordEncoder implements PasswordEncoder {

    private static final Duration MAX_WAIT = Duration.ofSeconds(2);

    private final PooledArgon2Encoder argon2;
    private final int concurrent;
    private final HashingQueue queue;
    private final HashLimits limits;

    @Autowired
    BoundedPasswordEncoder(PasswordProperties properties) {
        this(properties, new PooledArgon2Encoder(concurrent(properties)), System::nanoTime);
    }

    BoundedPasswordEncoder(PasswordProperties properties, PooledArgon2Encoder argon2, LongSupplier nanoTime) {
        this.argon2 = argon2;
        concurrent = concurrent(properties);
        limits = new HashLimits(properties);
        queue = new HashingQueue(concurrent, MAX_WAIT, nanoTime);
    }

    private static int concurrent(PasswordProperties properties) {
        if (properties.concurrentHashes() > 0) {
            return properties.concurrentHashes();
        }
        int half = Runtime.getRuntime().availableProcessors() / 2;
        return Math.max(1, Math.min(half, HashLimits.hashesInHeap()));
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
        Optional<ImportedHash> imported = Optional.ofNullable(hash).flatMap(limits::imported);
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
     * Compares the normal form (NFC) and, because other systems may hash a password as it was typed, the typed form. Each
     * form waits in the queue separately, so that neither computation exceeds the work limit.
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

    /** For tests: the approximate number of waiting hashes. */
    int waiting() {
        return queue.waiting();
    }
}
