package dev.usersapi.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyKeyTests {

    private static final byte[] PLAIN = "The stored response".getBytes(StandardCharsets.UTF_8);

    private static IdempotencyKey key(String value) {
        return key(value, "/api/v1/users", "usr_1");
    }

    private static IdempotencyKey key(String value, String path, String caller) {
        return IdempotencyKey.parse(value, "POST", path, caller).orElseThrow();
    }

    private static String longest() {
        return "k".repeat(255);
    }

    static String[] malformed() {
        return new String[] {
            "",
            "\"\"",
            "\"",
            "\"open",
            "shut\"",
            "in\"side",
            "\"in\\\"side\"",
            "two words",
            " blank",
            "a,b",
            "\"a\", \"b\"",
            "\"a\";parameter=1",
            "back\\slash",
            "caf\u00e9",
            "tab\t",
            longest() + "k",
            "\"" + longest() + "k\""
        };
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void parseReturnsEmptyForMalformedValues(String value) {
        assertThat(IdempotencyKey.parse(value, "POST", "/api/v1/users", "usr_1"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"8e03978e-40d5-43dd-bc93-6894a57f9324", "1", "+/aB9=", "!#$%&'()*:.<>@[]^_`{|}~"})
    void quotesMakeNoDifference(String text) {
        assertThat(key("\"" + text + "\"")).isEqualTo(key(text)).hasSameHashCodeAs(key(text));
        assertThat(key(longest()).id()).hasSize(32);
    }

    @Test
    void keysDifferByTextCallerMethodAndPath() {
        assertThat(key("one")).isNotEqualTo(key("other")).isNotEqualTo(key("ONE"));
        assertThat(key("one")).isNotEqualTo(key("one", "/api/v1/roles", "usr_1"));
        assertThat(key("one")).isNotEqualTo(key("one", "/api/v1/users", "usr_2"));
        assertThat(key("one")).isNotEqualTo(IdempotencyKey.parse("one", "PUT", "/api/v1/users", "usr_1"));
    }

    @Test
    void decryptWorksOnlyWithTheSameKey() {
        byte[] encrypted = key("one").encrypt(PLAIN);

        assertThat(key("one").decrypt(encrypted)).contains(PLAIN);
        assertThat(new String(encrypted, StandardCharsets.ISO_8859_1)).doesNotContain("stored", "one");
        assertThat(key("one").encrypt(PLAIN)).isNotEqualTo(encrypted);
        assertThat(key("other").decrypt(encrypted)).isEmpty();
        assertThat(key("one").decrypt(new byte[1])).isEmpty();
        assertThat(key("one").decrypt(new byte[0])).isEmpty();
    }
}
