package dev.usersapi.password;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Hashes with Argon2id, a bounded number at once. Beyond the bound and a short queue the answer is 503 {@code busy}:
 * each hash takes 19 MiB and tens of milliseconds, and a flood of log-ins must neither fill the memory nor hold every
 * request thread.
 */
@Component
class BoundedPasswordEncoder implements PasswordEncoder {

    private static final int MEBIBYTE = 1024 * 1024;
    private static final int HEAP_WITHOUT_HASHES = 96; // MiB, with all caches full
    private static final int HEAP_OF_A_HASH = 24; // MiB

    private final PasswordEncoder argon2;
    private final Semaphore admitted;
    private final Semaphore running;

    @Autowired
    BoundedPasswordEncoder(PasswordProperties properties) {
        this(properties, new PooledArgon2Encoder(concurrent(properties)));
    }

    BoundedPasswordEncoder(PasswordProperties properties, PasswordEncoder argon2) {
        this.argon2 = argon2;
        int concurrent = concurrent(properties);
        running = new Semaphore(concurrent, true);
        admitted = new Semaphore(concurrent + properties.waitingHashes());
    }

    private static int concurrent(PasswordProperties properties) {
        if (properties.concurrentHashes() > 0) {
            return properties.concurrentHashes();
        }
        Runtime java = Runtime.getRuntime();
        long fitting = (java.maxMemory() / MEBIBYTE - HEAP_WITHOUT_HASHES) / HEAP_OF_A_HASH;
        return (int) Math.max(1, Math.min(java.availableProcessors() / 2, fitting));
    }

    @Override
    public @Nullable String encode(@Nullable CharSequence password) {
        if (password == null) {
            return null;
        }
        String normal = PasswordPolicy.normalize(password);
        return bounded(() -> argon2.encode(normal));
    }

    @Override
    public boolean matches(@Nullable CharSequence password, @Nullable String hash) {
        if (password == null) {
            return false;
        }
        String normal = PasswordPolicy.normalize(password);
        return bounded(() -> argon2.matches(normal, hash));
    }

    /** How many wait for their turn, about. */
    int waiting() {
        return running.getQueueLength();
    }

    private <T extends @Nullable Object> T bounded(Supplier<T> work) {
        if (!admitted.tryAcquire()) {
            throw new ProblemException(ErrorCode.BUSY);
        }
        try {
            running.acquireUninterruptibly();
            try {
                return work.get();
            } finally {
                running.release();
            }
        } finally {
            admitted.release();
        }
    }
}
