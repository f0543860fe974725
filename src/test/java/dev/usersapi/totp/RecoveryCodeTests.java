package dev.usersapi.totp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryCodeTests {

    /** The vectors of RFC 4648 section 10 that need no padding, and the limits of five bits. */
    @ParameterizedTest
    @CsvSource({"'', ''", "fooba, MZXW6YTB", "foobafooba, MZXW6YTBMZXW6YTB"})
    void base32IsThatOfTheRfc(String bytes, String text) {
        assertThat(Base32.encode(bytes.getBytes(StandardCharsets.US_ASCII))).isEqualTo(text);
    }

    @Test
    void base32KnowsEveryBit() {
        assertThat(Base32.encode(new byte[] {-1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0x08, 0x42, 0x10, (byte) 0x84, 0x21}))
                .isEqualTo("77777777AAAAAAAABBBBBBBB");
    }

    @Test
    void textIsInGroupsOfFour() {
        RandomGenerator random = () -> 0;

        assertThat(RecoveryCode.next(random)).isEqualTo("AAAA-AAAA-AAAA-AAAA");
        assertThat(RecoveryCode.next(new SecureRandom())).matches("[A-Z2-7]{4}(-[A-Z2-7]{4}){3}");
    }

    @Test
    void hashIsTheSameInEitherCase() {
        assertThat(RecoveryCode.hash("abcdefghijklmn27"))
                .hasValueSatisfying(hash -> assertThat(hash)
                        .hasSize(32)
                        .isEqualTo(RecoveryCode.hash("ABCDEFGHIJKLMN27").orElseThrow()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "123456",
                "ABCDEFGHIJKLMNO",
                "ABCDEFGHIJKLMNOPQ",
                "ABCDEFGHIJKLMNO1",
                "ABCD-EFGH-IJKL-MNOP",
                "\u0131BCDEFGHIJKLMNOP",
                "\u017fBCDEFGHIJKLMNOP"
            })
    void otherTextIsNone(String text) {
        assertThat(RecoveryCode.hash(text)).isEmpty();
    }
}
