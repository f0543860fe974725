package dev.usersapi.password;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes a limited number of password hashes at once; the others wait in turn. The queue estimates from measured
 * durations how long a new hash would have to wait, and throws 503 {@code busy} at once if that is too long.
 */
final class HashingQueue {

    /** The average duration is kept for each kind, because imported hashes may take far longer. */
    enum Kind {
        OWN(Duration.ofMillis(50)),
        IMPORTED(Duration.ofMillis(500));

        private final double expectedNanos;

        Kind(Duration expected) {
            expectedNanos = expected.toNanos();
        }
    }

    // Each waiting hash holds a request thread, of which Tomcat has 200. The other half stays free for other requests,
    // even on a machine that can compute more hashes than this within the time limit.
    private static final int MAX_WAITING = 100;
    private static final int MOVING_AVERAGE_HASHES = 10;

    private final int slots;
    private final long maxWaitNanos;
    private final LongSupplier nanoTime;
    private final Semaphore freeSlots;
    private final Map<Kind, Double> averages = new EnumMap<>(Kind.class);

    private int admitted;
    private int admittedSlots;
    private double backlogNanos;

    HashingQueue(int slots, Duration maxWait, LongSupplier nanoTime) {
        this.slots = slots;
        this.maxWaitNanos = maxWait.toNanos();
        this.nanoTime = nanoTime;
        freeSlots = new Semaphore(slots, true);
    }

    <T extends @Nullable Object> T run(Kind kind, int slotsNeeded, Supplier<T> work) {
        double expected = admit(kind, slotsNeeded);
        try {
            acquire(slotsNeeded);
            try {
                long start = nanoTime.getAsLong();
                T result = work.get();
                recordDuration(kind, nanoTime.getAsLong() - start);
                return result;
            } finally {
                freeSlots.release(slotsNeeded);
            }
        } finally {
            release(slotsNeeded, expected);
        }
    }

    /** For tests: the approximate number of waiting hashes. */
    int waiting() {
        return freeSlots.getQueueLength();
    }

    /** Returns the time that the hash is expected to take, multiplied by the slots that it needs. */
    private synchronized double admit(Kind kind, int slotsNeeded) {
        boolean startsAtOnce = admittedSlots + slotsNeeded <= slots;
        if (!startsAtOnce && (backlogNanos / slots > maxWaitNanos || admitted >= slots + MAX_WAITING)) {
            throw new ProblemException(ErrorCode.BUSY);
        }
        double expected = average(kind) * slotsNeeded;
        admitted++;
        admittedSlots += slotsNeeded;
        backlogNanos += expected;
        return expected;
    }

    /** Gives up after 1.5 times the limit, in case the hashes before this one take far longer than expected. */
    private void acquire(int slotsNeeded) {
        try {
            if (freeSlots.tryAcquire(slotsNeeded, maxWaitNanos * 3 / 2, TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ProblemException(ErrorCode.BUSY);
    }

    private synchronized void recordDuration(Kind kind, long nanos) {
        averages.put(kind, average(kind) + (nanos - average(kind)) / MOVING_AVERAGE_HASHES);
    }

    private double average(Kind kind) {
        return averages.getOrDefault(kind, kind.expectedNanos);
    }

    private synchronized void release(int slotsNeeded, double expected) {
        admitted--;
        admittedSlots -= slotsNeeded;
        backlogNanos = admitted == 0 ? 0 : backlogNanos - expected; // so that rounding errors do not accumulate
    }
}
