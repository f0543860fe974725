package dev.usersapi.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Uses a clock that stands still until {@code advance} moves it. */
class ReplicaLeaseTests {

    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 1_000_000); // System.nanoTime() may overflow
    private final ReplicaLease lease = new ReplicaLease(nanoTime::get);

    private void advance(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    /** Starts an answer and returns when its thread waits. After {@code advance}, only {@code renew} wakes the thread. */
    private CompletableFuture<Void> startAnswer() {
        Thread[] thread = {null};
        CompletableFuture<Void> answer = CompletableFuture.runAsync(() -> {
            thread[0] = Thread.currentThread();
            lease.awaitVisibility();
        });
        await().until(() -> thread[0] != null && thread[0].getState() == Thread.State.TIMED_WAITING);
        return answer;
    }

    @Test
    void aLeaseLastsFromItsStartAndNotFromItsRenewal() {
        assertThat(lease.isValid()).isFalse();
        long start = lease.now();
        advance(ReplicaLease.DURATION.minusNanos(1));
        lease.renew(start);
        assertThat(lease.isValid()).isTrue();
        assertThat(lease.wouldBeValid(start)).isTrue();

        advance(Duration.ofNanos(1));

        assertThat(lease.isValid()).isFalse();
        assertThat(lease.wouldBeValid(start)).isFalse();
    }

    @Test
    void endMakesTheLeaseInvalid() {
        lease.renew(lease.now());
        assertThat(lease.isValid()).isTrue();

        lease.end();

        assertThat(lease.isValid()).isFalse();
    }

    @Test
    void anAnswerWaitsUntilALeaseStartsAfterItsCommit() {
        lease.renew(lease.now());
        advance(Duration.ofNanos(1));
        CompletableFuture<Void> answer = startAnswer();

        lease.renew(lease.now() - 1);
        lease.end();
        assertThat(answer).isNotDone();

        lease.renew(lease.now());
        answer.join();
    }

    @Test
    void anAnswerWaitsUntilEveryEarlierLeaseHasEnded() {
        assertThat(ReplicaLease.MAX_ANSWER_DELAY).isGreaterThan(ReplicaLease.DURATION);
        long before = lease.now() - 1;
        CompletableFuture<Void> answer = startAnswer();

        advance(ReplicaLease.MAX_ANSWER_DELAY.minusNanos(1));
        lease.renew(before);
        assertThat(lease.isValid()).isFalse();
        assertThat(answer).isNotDone();

        advance(Duration.ofNanos(1));
        lease.renew(before);
        answer.join();
    }

    @Test
    void anInterruptDoesNotShortenTheWait() throws InterruptedException {
        boolean[] interrupted = {false};
        Thread thread = new Thread(() -> {
            lease.awaitVisibility();
            interrupted[0] = Thread.interrupted();
        });
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);

        thread.interrupt();
        thread.join(50);
        assertThat(thread.isAlive()).isTrue();

        advance(ReplicaLease.MAX_ANSWER_DELAY);
        thread.join();
        assertThat(interrupted[0]).isTrue();
    }

    @Test
    void theLeaseIsRenewedAtOnceWhenAnAnswerWaits() throws InterruptedException {
        CompletableFuture<Void> answer = startAnswer();
        long begun = System.nanoTime();
        lease.awaitRenewal();
        Duration first = Duration.ofNanos(System.nanoTime() - begun);
        lease.renew(lease.now());
        answer.join();

        begun = System.nanoTime();
        lease.awaitRenewal();

        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isGreaterThan(first)
                .isLessThan(ReplicaLease.DURATION);
    }
}
