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
 * Runs a bounded number of hashes at once and lets the others wait in turn. A hash whose turn would come too late, by the
 * measured duration of those before it, is refused at once with 503 {@code busy}.
 */
final class HashingQueue {

    /** Hashes whose durations are averaged together. */
    enum Kind {
        OWN(Duration.ofMillis(50)),
        IMPORTED(Duration.ofMillis(500));

        private final double expectedNanos;

        Kind(Duration expected) {
            expectedNanos = expected.toNanos();
        }
    }

    // Each waiting hash holds a request thread, of which Tomcat has 200. The other half serves other requests where the
    // machine computes more hashes than this within the time limit.
    private static final int MAX_WAITING = 100;
    private static final int AVERAGED_OVER = 10;

    private final int places;
    private final long maxWaitNanos;
    private final LongSupplier nanoTime;
    private final Semaphore free;
    private final Map<Kind, Double> averages = new EnumMap<>(Kind.class);

    private int admitted;
    private int admittedPlaces;
    private double backlogNanos;

    HashingQueue(int places, Duration maxWait, LongSupplier nanoTime) {
        this.places = places;
        this.maxWaitNanos = maxWait.toNanos();
        this.nanoTime = nanoTime;
        free = new Semaphore(places, true);
    }

    <T extends @Nullable Object> T run(Kind kind, int wanted, Supplier<T> work) {
        double expected = admit(kind, wanted);
        try {
            acquire(wanted);
            try {
                long start = nanoTime.getAsLong();
                T result = work.get();
                measured(kind, nanoTime.getAsLong() - start);
                return result;
            } finally {
                free.release(wanted);
            }
        } finally {
            leave(wanted, expected);
        }
    }

    /** How many hashes wait for their turn, approximately. */
    int waiting() {
        return free.getQueueLength();
    }

    /** Returns the time that the hash is expected to take, summed over its places. */
    private synchronized double admit(Kind kind, int wanted) {
        boolean startsAtOnce = admittedPlaces + wanted <= places;
        if (!startsAtOnce && (backlogNanos / places > maxWaitNanos || admitted >= places + MAX_WAITING)) {
            throw new ProblemException(ErrorCode.BUSY);
        }
        double expected = average(kind) * wanted;
        admitted++;
        admittedPlaces += wanted;
        backlogNanos += expected;
        return expected;
    }

    /** Gives up later than the estimate allows, for the case that the hashes before it take far longer than expected. */
    private void acquire(int wanted) {
        try {
            if (free.tryAcquire(wanted, maxWaitNanos * 3 / 2, TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ProblemException(ErrorCode.BUSY);
    }

    private synchronized void measured(Kind kind, long nanos) {
        averages.put(kind, average(kind) + (nanos - average(kind)) / AVERAGED_OVER);
    }

    private double average(Kind kind) {
        return averages.getOrDefault(kind, kind.expectedNanos);
    }

    private synchronized void leave(int wanted, double expected) {
        admitted--;
        admittedPlaces -= wanted;
        backlogNanos = admitted == 0 ? 0 : backlogNanos - expected; // no rounding errors pile up
    }
}
