package dev.usersapi.fault;

import dev.usersapi.support.Api.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The answers of the service before, during and after one fault. */
final class FaultLog {

    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicLong longest = new AtomicLong();
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
    private volatile long lastFailure = System.nanoTime();

    /** A request that has no answer yet. */
    final class Call {

        private final String what;
        private final long begun = System.nanoTime();

        private Call(String what) {
            this.what = what;
        }

        void answered(Answer answer) {
            ended();
            if (answer.status() >= 500) {
                lastFailure = System.nanoTime();
                if (answer.status() != 503 || answer.header("Retry-After") == null) {
                    complain("%s got the answer %d %s".formatted(what, answer.status(), answer.text()));
                }
            } else if (answer.status() < 300 && !what.startsWith("GET")) {
                acknowledged.incrementAndGet();
            }
        }

        /** The connection ended without an answer. */
        void failed() {
            ended();
            lastFailure = System.nanoTime();
        }

        private void ended() {
            longest.accumulateAndGet(System.nanoTime() - begun, Math::max);
        }
    }

    Call begin(String what) {
        return new Call(what);
    }

    /** Measures the longest answer time from now on. */
    void restartMeasurement() {
        longest.set(0);
    }

    int acknowledged() {
        return acknowledged.get();
    }

    Duration longest() {
        return Duration.ofNanos(longest.get());
    }

    /** When a request failed last, as {@link System#nanoTime()}. */
    long lastFailure() {
        return lastFailure;
    }

    void complain(String what) {
        complaints.add(what);
    }

    List<String> complaints() {
        return List.copyOf(complaints);
    }
}
