package dev.usersapi.password;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

class PooledArgon2EncoderTests {

    private static final String PASSWORD = "Zo\u00eb's password";

    private final PasswordEncoder encoder = new PooledArgon2Encoder(1);
    private final PasswordEncoder reference = new Argon2PasswordEncoder(16, 32, 1, 19 * 1024, 2);

    @Test
    void hashesAreCompatibleWithSpringSecurityAlsoInReusedMemory() {
        for (int i = 0; i < 3; i++) {
            assertThat(reference.matches(PASSWORD, encoder.encode(PASSWORD))).isTrue();
            assertThat(encoder.matches(PASSWORD, reference.encode(PASSWORD))).isTrue();
            assertThat(encoder.matches("another", reference.encode(PASSWORD))).isFalse();
        }
    }

    @Test
    void saltsDiffer() {
        assertThat(encoder.encode(PASSWORD)).isNotEqualTo(encoder.encode(PASSWORD));
    }

    @Test
    void upgradeEncodingIsFalseOnlyForTheCurrentParameters() {
        assertThat(encoder.upgradeEncoding(encoder.encode(PASSWORD))).isFalse();
        assertThat(encoder.upgradeEncoding(new Argon2PasswordEncoder(16, 32, 1, 1024, 3).encode(PASSWORD)))
                .isTrue();
        assertThat(encoder.upgradeEncoding("$2y$10$hash")).isTrue();
        assertThat(encoder.upgradeEncoding(null)).isTrue();
    }

    @Test
    void matchesWorksAfterTheMemoryWasReleased() {
        String hash = encoder.encode(PASSWORD);

        ((PooledArgon2Encoder) encoder).releaseMemory();

        assertThat(encoder.matches(PASSWORD, hash)).isTrue();
    }

    @Test
    void matchesIsFalseForATextThatIsNotAHash() {
        assertThat(encoder.matches(PASSWORD, "password")).isFalse();
        assertThat(encoder.matches(PASSWORD, null)).isFalse();
        assertThat(encoder.encode(null)).isNull();
    }

    @Test
    void concurrentHashesDoNotShareMemory() {
        assertThat(IntStream.range(0, 6).parallel().mapToObj(n -> encoder.matches("p" + n, reference.encode("p" + n))))
                .containsOnly(true);
    }
}
