package dev.usersapi.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.usersapi.error.FaultReason;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordPolicyTests {

    private final PasswordPolicy policy = new PasswordPolicy(ImportedHashTests.properties(8, 1));

    private boolean accepts(String password) {
        return policy.refusal(password, "ann.smith@example.com", "Ann Smithers").isEmpty();
    }

    @Test
    void lengthIsCountedInCodePoints() {
        assertThat(accepts("1x2y3z4")).isFalse();
        assertThat(accepts("1x2y3z4w")).isTrue();
        assertThat(accepts("\ud83d\ude00".repeat(7))).isFalse();
        assertThat(accepts("\ud83d\ude00".repeat(6) + "\ud83d\ude80\ud83d\ude82"))
                .isTrue();
        assertThat(accepts("correct horse battery staple ab ".repeat(4))).isTrue();
        assertThat(accepts("correct horse battery staple ab ".repeat(4) + "c")).isFalse();
    }

    @Test
    void lengthIsCountedInTheNormalForm() {
        assertThat(accepts("e\u0301".repeat(7))).isFalse();
        assertThat(accepts("e\u0301a\u0300".repeat(3) + "o\u0302i\u0300")).isTrue();
    }

    @Test
    void minimumLengthIsConfigurable() {
        PasswordPolicy strict = new PasswordPolicy(ImportedHashTests.properties(15, 1));

        assertThat(strict.refusal("fourteen chars", null, null))
                .contains(new FaultReason("password_too_short", "must have 15 to 128 characters").withRange(15, 128));
        assertThat(strict.refusal("x".repeat(129), null, null))
                .map(FaultReason::code)
                .contains("password_too_long");
        assertThat(strict.refusal("fifteen chars !", null, null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"password", "PASSWORD", "12345678", "qwertyuiop", "iloveyou", "Football"})
    void commonPasswordsAreRefused(String password) {
        assertThat(policy.refusal(password, null, null))
                .contains(new FaultReason("password_too_common", "is one of the most common passwords"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ann.smith@example.com", "ANN.SMITH@example.com", "Ann.Smith", "ann smithers"})
    void emailAndNameOfTheUserAreRefused(String password) {
        assertThat(policy.refusal(password, "ann.smith@example.com", "Ann Smithers"))
                .map(FaultReason::code)
                .contains(password.contains(" ") ? "password_like_name" : "password_like_email");
        assertThat(policy.refusal(password, null, null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ann.smith@example.com!",
                "\u0000\u0003\u0001\u0009\u0002\u0007 x",
                "securePassword123",
                "correct-horse-battery",
                "1x2y3z4w",
                "7hq2zklp",
                "umbrella7",
                "blue42fish",
                "tea cup mug",
                "lamp book",
                "gr\u00fcnertee",
                "\u79c1\u306e\u732b\u306f\u9ed2\u3044\u306d\u3048",
                "password-reset-by-mail",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa correct horse",
                "correct horse aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void otherPasswordsAreAccepted(String password) {
        assertThat(accepts(password)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "aaaaaaaaaaaaaaaa, repeats",
        "abcabcabcabcabc, repeats",
        "passwordpassword, repeats",
        "PasswordPassword, repeats",
        "P@ssw0rdP@ssw0rd, repeats",
        "letmeinletmeinletmein, repeats",
        "20112011, repeats",
        "\u674e\u674e\u674e\u674e\u674e\u674e\u674e\u674e, repeats",
        "abcdefghijklmnop, sequence",
        "987654321098, sequence",
        "123456789012345, common",
        "sunshine1234, common",
        "2026-11-27, date"
    })
    void repeatsSequencesAndVariationsOfCommonPasswordsAreRefused(String password, String reason) {
        assertThat(policy.refusal(password, null, null)).hasValueSatisfying(refusal -> {
            assertThat(refusal.code()).isEqualTo("password_too_simple");
            assertThat(refusal.detail()).contains(reason);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "ab", "password", "12345678", "abcdefgh", "letmein"})
    void repeatsAreRefusedAtAnyLength(String repeated) {
        for (int length = 16; length <= 128; length++) {
            assertThat(accepts(repeated.repeat(128).substring(0, length / repeated.length() * repeated.length())))
                    .isFalse();
        }
    }

    /** Digits and symbols that stand for letters; the estimate of the whole text would take seconds. */
    @Test
    void estimateOfALongPasswordIsFast() {
        String signs = "4@8({[<369&#!1/|0$5+7%2".repeat(6).substring(0, 128);

        assertTimeout(Duration.ofSeconds(2), () -> accepts(signs));
    }

    @Test
    void aTextThatIsFarTooLongIsRefusedAndNotNormalized() {
        String reordered = "a" + "\u0301".repeat(600) + "\u0316".repeat(600); // normalization would reorder it

        assertThat(accepts(reordered)).isFalse();
        assertThat(PasswordPolicy.normalize(reordered)).isEqualTo(reordered);
    }
}
