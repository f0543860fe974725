package dev.usersapi.replica;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The permission of this instance to read from the replica for a short time without checking how far the replica has
 * replayed the write-ahead log.
 *
 * <p>A lease starts at a moment for which the replica shows all commits. The answer to a change waits until a lease has
 * started after the commit, or until every lease of any instance that started before it has ended. Instances need no
 * communication for that; their clocks only have to run at the same speed.
 */
final class ReplicaLease {

    static final Duration MAX_ANSWER_DELAY = Duration.ofMillis(250);
    static final Duration DURATION = Duration.ofMillis(240); // shorter, because clocks differ slightly in speed
    private static final Duration RENEWAL_INTERVAL = Duration.ofMillis(80);

    private final LongSupplier nanoTime;
    private final Semaphore renewalRequests = new Semaphore(0);
    private volatile long startedAt;

    ReplicaLease(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        end();
    }

    boolean isValid() {
        return wouldBeValid(startedAt);
    }

    /** Whether a lease that started at the given time of {@link #now()} would be valid now. */
    boolean wouldBeValid(long start) {
        return now() - start < DURATION.toNanos();
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /** @param start time of {@link #now()}; the replica shows everything that was committed before it */
    synchronized void renew(long start) {
        startedAt = start;
        notifyAll();
    }

    /** Ends the reads of this instance from the replica. Answers still wait, because other instances may have a lease. */
    final synchronized void end() {
        startedAt = now() - DURATION.toNanos();
    }

    /** Waits until the lease is to be renewed: at most the renewal interval, shorter if an answer waits. */
    void awaitRenewal() throws InterruptedException {
        boolean unused = renewalRequests.tryAcquire(RENEWAL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        renewalRequests.drainPermits();
    }

    /** Waits until every later read on any instance shows what was committed before this call. */
    void awaitVisibility() {
        long committedAt = now();
        renewalRequests.release();
        boolean interrupted = false;
        synchronized (this) {
            long remaining = MAX_ANSWER_DELAY.toNanos();
            while (remaining > 0 && startedAt - committedAt < 0) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(this, remaining);
                } catch (InterruptedException e) {
                    interrupted = true; // keeps waiting, because an early answer would be wrong
                }
                remaining = committedAt + MAX_ANSWER_DELAY.toNanos() - now();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
