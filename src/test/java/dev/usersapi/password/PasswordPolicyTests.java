package dev.usersapi.password;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordPolicyTests {

    private final PasswordPolicy policy = new PasswordPolicy(new PasswordProperties(8, 1));

    private boolean accepts(String password) {
        return policy.refusal(password, "ann.smith@example.com", "Ann Smithers").isEmpty();
    }

    @Test
    void lengthIsCountedInCodePoints() {
        assertThat(accepts("1x2y3z4")).isFalse();
        assertThat(accepts("1x2y3z4w")).isTrue();
        assertThat(accepts("\ud83d\ude00".repeat(7))).isFalse();
        assertThat(accepts("\ud83d\ude00".repeat(8))).isTrue();
        assertThat(accepts("ab".repeat(64))).isTrue();
        assertThat(accepts("ab".repeat(64) + "c")).isFalse();
    }

    @Test
    void lengthIsCountedInTheNormalForm() {
        assertThat(accepts("e\u0301".repeat(7))).isFalse();
        assertThat(accepts("e\u0301".repeat(8))).isTrue();
    }

    @Test
    void minimumIsConfigurable() {
        PasswordPolicy strict = new PasswordPolicy(new PasswordProperties(15, 1));

        assertThat(strict.refusal("fourteen chars", null, null)).contains("must have 15 to 128 characters");
        assertThat(strict.refusal("fifteen chars !", null, null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"password", "PASSWORD", "12345678", "qwertyuiop", "iloveyou", "Football"})
    void commonPasswordsAreRefused(String password) {
        assertThat(policy.refusal(password, null, null)).contains("is one of the most common passwords");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ann.smith@example.com", "ANN.SMITH@example.com", "Ann.Smith", "ann smithers"})
    void whatOthersKnowOfTheOwnerIsRefused(String password) {
        assertThat(accepts(password)).isFalse();
        assertThat(policy.refusal(password, null, null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ann.smith@example.com!", "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007", "        x"})
    void anythingElseGoes(String password) {
        assertThat(accepts(password)).isTrue();
    }

    @Test
    void textFarTooLongIsRefusedAndNotNormalised() {
        String reordered = "a" + "\u0301".repeat(600) + "\u0316".repeat(600); // which normalising would put in order

        assertThat(accepts(reordered)).isFalse();
        assertThat(PasswordPolicy.normalize(reordered)).isEqualTo(reordered);
    }
}
