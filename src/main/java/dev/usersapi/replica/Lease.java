package dev.usersapi.replica;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * For how long this instance may read from the replica without asking how far it has come, and how long every instance
 * holds back its answers to changes because others may do so.
 *
 * <p>A lease dates from a moment all of whose commits the replica shows. A change is answered once the replica shows it,
 * or else so late that every lease which dates from before it has ended. Instances need not know of each other for that,
 * only run clocks that are equally fast.
 */
final class Lease {

    static final Duration HELD = Duration.ofMillis(250);
    static final Duration LENGTH = Duration.ofMillis(240); // shorter, for clocks that are not quite equally fast
    private static final Duration BETWEEN = Duration.ofMillis(80);

    private final LongSupplier nanoTime;
    private final Semaphore demand = new Semaphore(0);
    private volatile long freshAsOf;

    Lease(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        end();
    }

    boolean isHeld() {
        return hasTimeLeft(freshAsOf);
    }

    /** Whether a lease from that moment would still be one. */
    boolean hasTimeLeft(long asOf) {
        return now() - asOf < LENGTH.toNanos();
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /**
     * Tells that the replica shows everything.
     *
     * @param asOf that was committed before this, by {@link #now()}
     */
    synchronized void renew(long asOf) {
        freshAsOf = asOf;
        notifyAll();
    }

    /** Lets this instance read from the replica no more. Answers are held back all the same, for other instances' sake. */
    final synchronized void end() {
        freshAsOf = now() - LENGTH.toNanos();
    }

    /** Returns when it is time for the next lease: at once where an answer is held back. */
    void awaitDemand() throws InterruptedException {
        boolean unused = demand.tryAcquire(BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
        demand.drainPermits();
    }

    /** Returns when whoever learns of what was committed before this call, and then reads, sees it. */
    void hold() {
        long committed = now();
        demand.release();
        boolean interrupted = false;
        synchronized (this) {
            long left = HELD.toNanos();
            while (left > 0 && freshAsOf - committed < 0) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                } catch (InterruptedException e) {
                    interrupted = true; // an answer too early would be a wrong one, and it is not long now
                }
                left = committed + HELD.toNanos() - now();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
