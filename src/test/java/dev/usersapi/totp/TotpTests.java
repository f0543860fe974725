package dev.usersapi.totp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TotpTests {

    private static final byte[] SECRET = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

    /** Appendix B of RFC 6238. Its codes have eight digits, of which the last six are compared. */
    @ParameterizedTest
    @CsvSource({
        "59, 94287082",
        "1111111109, 07081804",
        "1111111111, 14050471",
        "1234567890, 89005924",
        "2000000000, 69279037",
        "20000000000, 65353130"
    })
    void codesMatchTheTestVectorsOfRfc6238(long seconds, String digits) {
        assertThat(Totp.code(SECRET, seconds / 30)).isEqualTo(digits.substring(2));
        assertThat(Totp.stepOf(SECRET, digits.substring(2), Instant.ofEpochSecond(seconds)))
                .hasValue(seconds / 30);
    }

    /** Appendix D of RFC 4226. */
    @Test
    void codesMatchTheTestVectorsOfRfc4226() {
        String[] codes = {
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"
        };
        for (int step = 0; step < codes.length; step++) {
            assertThat(Totp.code(SECRET, step)).isEqualTo(codes[step]);
        }
    }

    /** The time step of the code lasts from second 300 to 329. */
    @ParameterizedTest
    @CsvSource({"269, false", "270, true", "300, true", "329, true", "330, true", "359, true", "360, false"})
    void codeIsAcceptedDuringItsStepAndItsNeighbours(long seconds, boolean good) {
        OptionalLong step = Totp.stepOf(SECRET, Totp.code(SECRET, 10), Instant.ofEpochSecond(seconds));

        assertThat(step).isEqualTo(good ? OptionalLong.of(10) : OptionalLong.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5924",
                "05924",
                "0005924",
                "005924 ",
                "+05924",
                "00592\u0664",
                "\u0660\u0660\u0665\u0669\u0662\u0664",
                "\uff10\uff10\uff15\uff19\uff12\uff14",
                "89005924"
            })
    void otherTextsAreNotAccepted(String code) {
        Instant now = Instant.ofEpochSecond(1_234_567_890);

        assertThat(Totp.stepOf(SECRET, "005924", now)).isPresent();
        assertThat(Totp.stepOf(SECRET, code, now)).isEmpty();
    }
}
