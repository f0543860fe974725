package dev.usersapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormalTests {

    @ParameterizedTest
    @ValueSource(strings = {" x", "x\t", "\u00a0x\u2003", "\ufeffx\n", "\u3000 x \u2028"})
    void anyWhiteSpaceAtTheEndsGoes(String text) {
        assertThat(Normal.trimmed(text)).isEqualTo("x");
    }

    @Test
    void whiteSpaceInsideStays() {
        assertThat(Normal.trimmed("a \u00a0b")).isEqualTo("a \u00a0b");
        assertThat(Normal.trimmed(" \t ")).isEmpty();
        assertThat(Normal.trimmed(null)).isNull();
    }

    @Test
    void textIsComposedUnlessItIsFarTooLong() {
        String reordered = "a" + "\u0301".repeat(600) + "\u0316".repeat(600); // which composing would put in order

        assertThat(Normal.composed(" e\u0301 ")).isEqualTo("\u00e9");
        assertThat(Normal.composed(reordered)).isEqualTo(reordered);
        assertThat(Normal.composed(null)).isNull();
    }
}
