package dev.usersapi.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.password.PasswordEncoder;

class BoundedPasswordEncoderTests {

    private final PasswordEncoder argon2 = mock();
    private final AtomicInteger running = new AtomicInteger();
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
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
    void noPasswordHasNoHashAndMatchesNothing() {
        BoundedPasswordEncoder encoder = new BoundedPasswordEncoder(new PasswordProperties(8, 1, 0));

        assertThat(encoder.encode(null)).isNull();
        assertThat(encoder.matches(null, "$argon2id$")).isFalse();
    }

    @Test
    void runsSoManyLetsSoManyWaitAndRefusesTheRest() throws Exception {
        when(argon2.encode(any())).thenAnswer(call -> {
            running.incrementAndGet();
            letGo.await();
            return "hash";
        });
        BoundedPasswordEncoder encoder = new BoundedPasswordEncoder(new PasswordProperties(8, 2, 1), argon2);
        List<Future<String>> admitted = new ArrayList<>();
        for (int n = 0; n < 3; n++) {
            admitted.add(threads.submit(() -> encoder.encode("password")));
        }
        await().until(() -> running.get() == 2 && encoder.waiting() == 1);

        assertThatThrownBy(() -> encoder.matches("password", "hash"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BUSY));
        assertThat(running).hasValue(2);

        letGo.countDown();
        for (Future<String> hash : admitted) {
            assertThat(hash.get()).isEqualTo("hash");
        }
        assertThat(encoder.encode("password")).isEqualTo("hash");
    }

    @Test
    void failureGivesItsPlaceBack() {
        when(argon2.encode(any())).thenThrow(new IllegalStateException("broken"));
        when(argon2.matches(any(), any())).thenReturn(true);
        BoundedPasswordEncoder encoder = new BoundedPasswordEncoder(new PasswordProperties(8, 1, 0), argon2);

        assertThatThrownBy(() -> encoder.encode("password")).hasMessage("broken");
        assertThat(encoder.matches("password", "hash")).isTrue();
    }
}
