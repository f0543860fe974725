package dev.usersapi.fault;

import dev.usersapi.support.Api.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How the service answered in the course of one fault. */
final class FaultLog {

    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicLong longest = new AtomicLong();
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
    private volatile long failedLast = System.nanoTime();

    /** A request under way. */
    final class Call {

        private final String what;
        private final long begun = System.nanoTime();

        private Call(String what) {
            this.what = what;
        }

        void answered(Answer answer) {
            ended();
            if (answer.status() >= 500) {
                failedLast = System.nanoTime();
                if (answer.status() != 503 || answer.header("Retry-After") == null) {
                    complain("%s was answered %d %s".formatted(what, answer.status(), answer.text()));
                }
            } else if (answer.status() < 300 && !what.startsWith("GET")) {
                acknowledged.incrementAndGet();
            }
        }

        /** Without an answer. */
        void failed() {
            ended();
            failedLast = System.nanoTime();
        }

        private void ended() {
            longest.accumulateAndGet(System.nanoTime() - begun, Math::max);
        }
    }

    Call begin(String what) {
        return new Call(what);
    }

    /** From now on requests are looked at for how long they take. */
    void restartClock() {
        longest.set(0);
    }

    int acknowledged() {
        return acknowledged.get();
    }

    Duration longest() {
        return Duration.ofNanos(longest.get());
    }

    /** By {@link System#nanoTime()}. */
    long failedLast() {
        return failedLast;
    }

    void complain(String what) {
        complaints.add(what);
    }

    List<String> complaints() {
        return List.copyOf(complaints);
    }
}
