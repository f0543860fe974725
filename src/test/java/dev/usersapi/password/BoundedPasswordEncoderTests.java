package dev.usersapi.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BoundedPasswordEncoderTests {

    /** A password whose reading tells that hashing has begun, and holds it until let go. */
    private static class Held implements CharSequence {

        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch letGo = new CountDownLatch(1);

        @Override
        public int length() {
            begun.countDown();
            try {
                letGo.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return 8;
        }

        @Override
        public char charAt(int index) {
            return 'x';
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return "x".repeat(end - start);
        }

        @Override
        public String toString() {
            return "x".repeat(length());
        }
    }

    @Test
    void hashesWithArgon2idAndMatchesWhatItHashed() {
        BoundedPasswordEncoder encoder = new BoundedPasswordEncoder(new PasswordProperties(8, 1, 0));

        String hash = encoder.encode("Zo\u00eb's password");

        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(encoder.matches("Zoe\u0308's password", hash)).isTrue();
        assertThat(encoder.matches("zo\u00eb's password", hash)).isFalse();
        assertThat(encoder.encode("Zo\u00eb's password")).isNotEqualTo(hash);
    }

    @Test
    void refusesWhatExceedsTheBoundAndRecovers() throws Exception {
        BoundedPasswordEncoder encoder = new BoundedPasswordEncoder(new PasswordProperties(8, 1, 0));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Held held = new Held();
            Future<String> first = thread.submit(() -> encoder.encode(held));
            held.begun.await();

            assertThatThrownBy(() -> encoder.matches("password", "$argon2id$"))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BUSY));

            held.letGo.countDown();
            assertThat(first.get()).startsWith("$argon2id$");
            assertThat(encoder.encode("password")).startsWith("$argon2id$");
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void failureGivesItsPlaceBack() {
        BoundedPasswordEncoder encoder = new BoundedPasswordEncoder(new PasswordProperties(8, 1, 0));
        CharSequence broken = new Held() {
            @Override
            public int length() {
                throw new IllegalStateException("broken");
            }
        };

        assertThatThrownBy(() -> encoder.encode(broken)).hasMessage("broken");
        assertThat(encoder.encode("password")).isNotNull();
    }
}
