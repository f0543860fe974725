package dev.usersapi.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoundedPasswordEncoderTests {

    private final PooledArgon2Encoder argon2 = mock();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicLong clock = new AtomicLong();
    private final CountDownLatch release = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private static BoundedPasswordEncoder realEncoder() {
        return new BoundedPasswordEncoder(ImportedHashTests.properties(8, 1));
    }

    private BoundedPasswordEncoder encoderWithMockedArgon2(int concurrent) {
        return new BoundedPasswordEncoder(ImportedHashTests.properties(8, concurrent), argon2, clock::get);
    }

    @Test
    void encodeUsesArgon2idAndMatchesComparesTheNormalForm() {
        BoundedPasswordEncoder encoder = realEncoder();

        String hash = encoder.encode("Zo\u00eb's password");

        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(encoder.matches("Zoe\u0308's password", hash)).isTrue();
        assertThat(encoder.matches("zo\u00eb's password", hash)).isFalse();
        assertThat(encoder.encode("Zo\u00eb's password")).isNotEqualTo(hash);
    }

    @Test
    void nullHasNoHashAndMatchesNothing() {
        BoundedPasswordEncoder encoder = realEncoder();

        assertThat(encoder.encode(null)).isNull();
        assertThat(encoder.matches(null, "$argon2id$")).isFalse();
    }

    /** Makes each hash take the given time, and computes enough hashes for the moving average to settle. */
    private BoundedPasswordEncoder encoderWithDuration(Duration hash, int concurrent) {
        BoundedPasswordEncoder encoder = encoderWithMockedArgon2(concurrent);
        when(argon2.encode(any())).thenAnswer(call -> {
            clock.addAndGet(hash.toNanos());
            return "hash";
        });
        for (int n = 0; n < 100; n++) {
            encoder.encode("password");
        }
        doAnswer(call -> {
                    running.incrementAndGet();
                    release.await();
                    return "hash";
                })
                .when(argon2)
                .encode(any());
        return encoder;
    }

    private List<Future<String>> submit(int hashes, BoundedPasswordEncoder encoder) {
        return IntStream.range(0, hashes)
                .mapToObj(n -> threads.submit(() -> encoder.encode("password")))
                .toList();
    }

    private static void assertRefused(BoundedPasswordEncoder encoder) {
        assertThatThrownBy(() -> encoder.matches("password", "hash"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BUSY));
    }

    /** The last case is limited by the number of waiting request threads. */
    @ParameterizedTest
    @CsvSource({"90, 1, 23", "90, 2, 45", "45, 1, 45", "900, 1, 3", "900, 2, 5", "3000, 1, 1", "3000, 2, 2", "1, 1, 101"
    })
    void hashesThatWouldWaitLongerThanTwoSecondsAreRefusedAtOnce(int millis, int concurrent, int admitted)
            throws Exception {
        BoundedPasswordEncoder encoder = encoderWithDuration(Duration.ofMillis(millis), concurrent);
        List<Future<String>> hashes = submit(admitted, encoder);
        await().until(() -> running.get() == concurrent && encoder.waiting() == admitted - concurrent);

        assertRefused(encoder);
        assertThat(running).hasValue(concurrent);

        release.countDown();
        for (Future<String> hash : hashes) {
            assertThat(hash.get()).isEqualTo("hash");
        }
        assertThat(encoder.encode("password")).isEqualTo("hash");
    }

    @Test
    void twentyHashesAreAcceptedBeforeAnyDurationWasMeasured() throws Exception {
        when(argon2.encode(any())).thenAnswer(call -> {
            release.await();
            return "hash";
        });
        BoundedPasswordEncoder encoder = encoderWithMockedArgon2(1);
        List<Future<String>> hashes = submit(20, encoder);
        await().until(() -> encoder.waiting() == 19);

        release.countDown();
        for (Future<String> hash : hashes) {
            assertThat(hash.get()).isEqualTo("hash");
        }
    }

    @Test
    void hashThatWaitsMuchLongerThanExpectedIsRefused() {
        HashingQueue queue = new HashingQueue(1, Duration.ofMillis(100), System::nanoTime);
        CompletableFuture<String> endless = new CompletableFuture<>();
        threads.execute(() -> queue.run(HashingQueue.Kind.OWN, 1, () -> {
            running.incrementAndGet();
            return endless.join();
        }));
        await().until(() -> running.get() == 1);

        assertThatThrownBy(() -> queue.run(HashingQueue.Kind.OWN, 1, () -> "hash"))
                .hasMessage("busy");

        endless.complete("hash");
        await().untilAsserted(() -> assertThat(queue.<String>run(HashingQueue.Kind.OWN, 1, () -> "hash"))
                .isEqualTo("hash"));
    }

    @Test
    void aFailedHashReleasesItsSlot() {
        when(argon2.encode(any())).thenThrow(new IllegalStateException("broken"));
        when(argon2.matches(any(), any())).thenReturn(true);
        BoundedPasswordEncoder encoder = encoderWithMockedArgon2(1);

        assertThatThrownBy(() -> encoder.encode("password")).hasMessage("broken");
        assertThat(encoder.matches("password", "hash")).isTrue();
    }

    @Test
    void importedHashesMatchAndNeedAnUpgrade() {
        BoundedPasswordEncoder encoder = realEncoder();

        for (String imported : ImportedHashTests.VECTORS) {
            assertThat(encoder.matches("Zo\u00eb's password", imported)).isTrue();
            assertThat(encoder.matches("another", imported)).isFalse();
            assertThat(encoder.upgradeEncoding(imported)).isTrue();
        }
        assertThat(encoder.upgradeEncoding(encoder.encode("password"))).isFalse();
    }

    @Test
    void importedHashesMatchTheNormalFormAndTheTypedForm() {
        BoundedPasswordEncoder encoder = realEncoder();
        String ofNormal = "$2b$05$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS";
        String ofDecomposed = "$2b$04$2vgffnGO7Cj/XJMLtDycleFCOy3iL/2tNAuKBosbdkMln9cq79fuC";

        assertThat(encoder.matches("Zoe\u0308's password", ofNormal)).isTrue();
        assertThat(encoder.matches("Zoe\u0308's password", ofDecomposed)).isTrue();
        assertThat(encoder.matches("Zo\u00eb's password", ofDecomposed)).isFalse();
    }

    /** The password is checked in normal form, and if that is wrong, as it was typed. */
    @Test
    void bothFormsOfAPasswordWaitInTheQueueSeparately() {
        BoundedPasswordEncoder encoder = encoderWithMockedArgon2(1);
        String scrypt = "$scrypt$ln=10,r=8,p=2$ixGCEML4X0vp3dtbS8l5Lw$cQ3DATK75VxzuDa9PL0iyi/rZEv/L6fiQdzTm9yfiWU";

        assertThat(encoder.matches("wrong e\u0301", scrypt)).isFalse();

        verify(argon2, times(2)).releaseMemory(); // once for each form
    }

    @Test
    void hashesThatCannotBeVerifiedMatchNothingAndCostTheSame() {
        BoundedPasswordEncoder encoder = encoderWithMockedArgon2(1);
        String tooCostly = "$2b$15$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS";
        String tooLarge = "$scrypt$ln=17,r=8,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo";

        for (String hash : new String[] {null, "password", tooCostly, tooLarge}) {
            assertThat(encoder.matches("password", hash)).isFalse();

            verify(argon2).matches("password", hash);
        }
    }

    @Test
    void anImportedHashThatTakesMemoryIsComputedAlone() throws Exception {
        when(argon2.encode(any())).thenAnswer(call -> {
            running.incrementAndGet();
            release.await();
            return "hash";
        });
        BoundedPasswordEncoder encoder = encoderWithMockedArgon2(2);
        String scrypt = "$scrypt$ln=10,r=8,p=2$ixGCEML4X0vp3dtbS8l5Lw$cQ3DATK75VxzuDa9PL0iyi/rZEv/L6fiQdzTm9yfiWU";
        Future<String> own = threads.submit(() -> encoder.encode("password"));
        await().until(() -> running.get() == 1);

        Future<Boolean> imported = threads.submit(() -> encoder.matches("Zo\u00eb's password", scrypt));
        await().until(() -> encoder.waiting() == 1);
        verify(argon2, never()).releaseMemory();

        release.countDown();
        assertThat(own.get()).isEqualTo("hash");
        assertThat(imported.get()).isTrue();
        verify(argon2).releaseMemory();
    }
}
