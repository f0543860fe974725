package dev.usersapi.password;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Argon2id at the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane), a bounded number at
 * once. Beyond the bound and a short queue the answer is 503 {@code busy}: each hash takes 19 MiB and tens of
 * milliseconds, and a flood of log-ins must neither fill the memory nor hold every request thread.
 */
@Component
class BoundedPasswordEncoder implements PasswordEncoder {

    private final PasswordEncoder argon2;
    private final Semaphore admitted;
    private final Semaphore running;

    @Autowired
    BoundedPasswordEncoder(PasswordProperties properties) {
        this(properties, new Argon2PasswordEncoder(16, 32, 1, 19 * 1024, 2));
    }

    BoundedPasswordEncoder(PasswordProperties properties, PasswordEncoder argon2) {
        this.argon2 = argon2;
        int concurrent = properties.concurrentHashes() > 0
                ? properties.concurrentHashes()
                : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        running = new Semaphore(concurrent, true);
        admitted = new Semaphore(concurrent + properties.waitingHashes());
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
