package dev.usersapi.password;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.unit.DataSize;

@ExtendWith(OutputCaptureExtension.class)
class UnusableHashesTests {

    private static final String BCRYPT_15 = "$2b$15$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final UnusableHashes hashes = new UnusableHashes(ImportedHashTests.properties(8, 1), meters);

    private double count(String reason) {
        return meters.counter("users.logins.unusable.hash", "reason", reason).count();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            plain text | unknown_form | its format is not supported
            $2b$15$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS | too_much_work | bcrypt needs 2 times the default work limit
            $pbkdf2-sha256$1000001$MDEyMzQ1Njc4OWFiY2RlZg$i4yV38CUZ5xg7YitHdgihGVbyWk7C7MHmsTKG8Q51chB | too_much_work | PBKDF2
            $scrypt$ln=17,r=8,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo | too_much_memory | scrypt needs 128 MiB
            """)
    void reportLogsAndCountsAHashThatCannotBeVerified(String hash, String code, String reason, CapturedOutput output) {
        hashes.report("usr_1", hash);

        assertThat(output.toString().lines())
                .singleElement()
                .asString()
                .contains(" WARN ", "User usr_1 cannot log in", reason)
                .doesNotContain(hash);
        assertThat(count(code)).isEqualTo(1);
    }

    @Test
    void reportCountsEveryCallAndLogsOnePerUserAndHour(CapturedOutput output) {
        for (int n = 0; n < 5; n++) {
            hashes.report("usr_1", "x");
            hashes.report("usr_2", "x");
        }

        assertThat(output.toString().lines()).hasSize(2);
        assertThat(count("unknown_form")).isEqualTo(10);
    }

    @ParameterizedTest
    @FieldSource("dev.usersapi.password.ImportedHashTests#VECTORS")
    void reportIgnoresAHashThatCanBeVerified(String hash, CapturedOutput output) {
        hashes.report("usr_1", hash);
        hashes.report("usr_1", null);
        hashes.report(
                "usr_1",
                "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY");

        assertThat(output).isEmpty();
        assertThat(meters.getMeters()).isEmpty();
    }

    @Test
    void settingsRaiseTheLimits() {
        String scrypt = "$scrypt$ln=17,r=8,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo";
        HashLimits raised = new HashLimits(new PasswordProperties(8, 1, DataSize.ofMegabytes(128), 2));

        assertThat(raised.refusal(BCRYPT_15)).isEmpty();
        assertThat(raised.imported(BCRYPT_15)).isPresent();
        assertThat(raised.refusal(BCRYPT_15.replace("15", "16"))).isPresent();
        assertThat(raised.refusal(scrypt)).isEmpty();
        assertThat(raised.refusal(scrypt.replace("17", "18"))).isPresent();
        assertThat(raised.imported(scrypt.replace("17", "30"))).isEmpty();
    }
}
