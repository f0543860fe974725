package dev.usersapi.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTextTests {

    // with the CRC-32 of another implementation
    private static final String KEY = "uak_kQLhR_B0U-n8aUuSkFI1ICBTHAKTB5_XyrN0AT-bamE_f377e27a";

    @Test
    void newKeysAreSoundAndUnlikeEachOther() {
        Random random = new Random(1);

        ApiKeyText key = ApiKeyText.next(random);

        assertThat(key.text()).matches("uak_[A-Za-z0-9_-]{43}_[0-9a-f]{8}");
        assertThat(key.isSound()).isTrue();
        assertThat(ApiKeyText.next(random)).isNotEqualTo(key);
    }

    @Test
    void checksumIsTheCrc32OfAllBeforeIt() {
        assertThat(new ApiKeyText(KEY).isSound()).isTrue();
    }

    @Test
    void everySingleWrongCharacterIsNoticed() {
        for (int i = 0; i < KEY.length(); i++) {
            char other = KEY.charAt(i) == 'a' ? 'b' : 'a';
            assertThat(new ApiKeyText(KEY.substring(0, i) + other + KEY.substring(i + 1)).isSound())
                    .as("at %s", i)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "uak_", "uak__", "key_kQLhR_B0U", "uak_kQLhR_B0U-n8aUuSkFI1ICBTHAKTB5_XyrN0AT-bamE"})
    void otherTextIsNotSound(String text) {
        assertThat(new ApiKeyText(text).isSound()).isFalse();
        assertThat(new ApiKeyText(KEY + "\n").isSound()).isFalse();
        assertThat(new ApiKeyText(" " + KEY).isSound()).isFalse();
    }

    @Test
    void hashIsSha256OfTheWholeText() {
        assertThat(HexFormat.of().formatHex(new ApiKeyText(KEY).hash()))
                .isEqualTo("674b3fb6ecbe0dbdc348b81d923fc6932275571e6d3b16ff546381430dae75fb");
    }

    @Test
    void onlyTheBeginningIsShown() {
        assertThat(new ApiKeyText(KEY).prefix()).isEqualTo("uak_kQLhR_B0");
        assertThat(new ApiKeyText(KEY)).hasToString("ApiKeyText");
    }
}
