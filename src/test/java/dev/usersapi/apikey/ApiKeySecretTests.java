package dev.usersapi.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeySecretTests {

    // its CRC-32 was computed by another implementation
    private static final String KEY = "uak_kQLhR_B0U-n8aUuSkFI1ICBTHAKTB5_XyrN0AT-bamE_f377e27a";

    @Test
    void nextReturnsDifferentWellFormedSecrets() {
        Random random = new Random(1);

        ApiKeySecret secret = ApiKeySecret.next(random);

        assertThat(secret.text()).matches("uak_[A-Za-z0-9_-]{43}_[0-9a-f]{8}");
        assertThat(secret.isWellFormed()).isTrue();
        assertThat(ApiKeySecret.next(random)).isNotEqualTo(secret);
    }

    @Test
    void checksumIsTheCrc32OfAllPrecedingCharacters() {
        assertThat(new ApiKeySecret(KEY).isWellFormed()).isTrue();
    }

    @Test
    void isWellFormedDetectsEverySingleWrongCharacter() {
        for (int i = 0; i < KEY.length(); i++) {
            char other = KEY.charAt(i) == 'a' ? 'b' : 'a';
            assertThat(new ApiKeySecret(KEY.substring(0, i) + other + KEY.substring(i + 1)).isWellFormed())
                    .as("at %s", i)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "uak_", "uak__", "key_kQLhR_B0U", "uak_kQLhR_B0U-n8aUuSkFI1ICBTHAKTB5_XyrN0AT-bamE"})
    void isWellFormedRefusesOtherTexts(String text) {
        assertThat(new ApiKeySecret(text).isWellFormed()).isFalse();
        assertThat(new ApiKeySecret(KEY + "\n").isWellFormed()).isFalse();
        assertThat(new ApiKeySecret(" " + KEY).isWellFormed()).isFalse();
    }

    @Test
    void hashIsTheSha256OfTheWholeSecret() {
        assertThat(HexFormat.of().formatHex(new ApiKeySecret(KEY).hash()))
                .isEqualTo("674b3fb6ecbe0dbdc348b81d923fc6932275571e6d3b16ff546381430dae75fb");
    }

    @Test
    void shownPrefixIsTheBeginningAndTheTextFormHidesTheSecret() {
        assertThat(new ApiKeySecret(KEY).shownPrefix()).isEqualTo("uak_kQLhR_B0");
        assertThat(new ApiKeySecret(KEY)).hasToString("ApiKeySecret");
    }
}
