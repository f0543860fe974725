package dev.usersapi.binding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextNormalizerTests {

    @ParameterizedTest
    @ValueSource(strings = {" x", "x\t", "\u00a0x\u2003", "\ufeffx\n", "\u3000 x \u2028"})
    void trimRemovesAllWhiteSpaceAtBothEnds(String text) {
        assertThat(TextNormalizer.trim(text)).isEqualTo("x");
    }

    @Test
    void trimKeepsInnerWhiteSpace() {
        assertThat(TextNormalizer.trim("a \u00a0b")).isEqualTo("a \u00a0b");
        assertThat(TextNormalizer.trim(" \t ")).isEmpty();
        assertThat(TextNormalizer.trim(null)).isNull();
    }

    @Test
    void trimAndComposeNormalizesAllButVeryLongTexts() {
        String reordered = "a" + "\u0301".repeat(600) + "\u0316".repeat(600); // normalisation would reorder the marks

        assertThat(TextNormalizer.trimAndCompose(" e\u0301 ")).isEqualTo("\u00e9");
        assertThat(TextNormalizer.trimAndCompose(reordered)).isEqualTo(reordered);
        assertThat(TextNormalizer.trimAndCompose(null)).isNull();
    }
}
