package dev.usersapi.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaseTests {

    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 1_000_000); // it may overflow at any time
    private final Lease lease = new Lease(nanoTime::get);

    private void advance(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    /** An answer that is held back, once it is: its thread waits for real time, and looks at ours when it is woken. */
    private CompletableFuture<Void> held() {
        Thread[] thread = {null};
        CompletableFuture<Void> answer = CompletableFuture.runAsync(() -> {
            thread[0] = Thread.currentThread();
            lease.hold();
        });
        await().until(() -> thread[0] != null && thread[0].getState() == Thread.State.TIMED_WAITING);
        return answer;
    }

    @Test
    void aLeaseLastsFromItsMomentOnAndNotFromWhenItIsGiven() {
        assertThat(lease.isHeld()).isFalse();
        long asOf = lease.now();
        advance(Lease.LENGTH.minusNanos(1));
        lease.renew(asOf);
        assertThat(lease.isHeld()).isTrue();
        assertThat(lease.hasTimeLeft(asOf)).isTrue();

        advance(Duration.ofNanos(1));

        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.hasTimeLeft(asOf)).isFalse();
    }

    @Test
    void aLeaseCanBeEnded() {
        lease.renew(lease.now());
        assertThat(lease.isHeld()).isTrue();

        lease.end();

        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void anAnswerIsHeldUntilALeaseDatesFromAfterItsChange() {
        lease.renew(lease.now());
        advance(Duration.ofNanos(1));
        CompletableFuture<Void> answer = held();

        lease.renew(lease.now() - 1);
        lease.end();
        assertThat(answer).isNotDone();

        lease.renew(lease.now());
        answer.join();
    }

    @Test
    void anAnswerIsHeldUntilEveryLeaseFromBeforeItsChangeHasEnded() {
        assertThat(Lease.HELD).isGreaterThan(Lease.LENGTH);
        long before = lease.now() - 1;
        CompletableFuture<Void> answer = held();

        advance(Lease.HELD.minusNanos(1));
        lease.renew(before);
        assertThat(lease.isHeld()).isFalse();
        assertThat(answer).isNotDone();

        advance(Duration.ofNanos(1));
        lease.renew(before);
        answer.join();
    }

    @Test
    void anInterruptLetsNoAnswerOutEarly() throws InterruptedException {
        boolean[] interrupted = {false};
        Thread thread = new Thread(() -> {
            lease.hold();
            interrupted[0] = Thread.interrupted();
        });
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);

        thread.interrupt();
        thread.join(50);
        assertThat(thread.isAlive()).isTrue();

        advance(Lease.HELD);
        thread.join();
        assertThat(interrupted[0]).isTrue();
    }

    @Test
    void theNextLeaseIsDueAtOnceWhereAnAnswerIsHeld() throws InterruptedException {
        CompletableFuture<Void> answer = held();
        long begun = System.nanoTime();
        lease.awaitDemand();
        Duration first = Duration.ofNanos(System.nanoTime() - begun);
        lease.renew(lease.now());
        answer.join();

        begun = System.nanoTime();
        lease.awaitDemand();

        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isGreaterThan(first)
                .isLessThan(Lease.LENGTH);
    }
}
