package dev.usersapi.totp;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryCodeTests {

    @Test
    void nextReturnsGroupsOfFourCharacters() {
        RandomGenerator random = () -> 0;

        assertThat(RecoveryCode.next(random)).isEqualTo("AAAA-AAAA-AAAA-AAAA");
        assertThat(RecoveryCode.next(new SecureRandom())).matches("[A-Z2-7]{4}(-[A-Z2-7]{4}){3}");
    }

    @Test
    void hashIgnoresCase() {
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
    void hashIsEmptyForOtherTexts(String text) {
        assertThat(RecoveryCode.hash(text)).isEmpty();
    }
}
