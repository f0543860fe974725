package dev.usersapi.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreconditionsTests {

    private static final EntityTag CURRENT = new EntityTag(7, "1687270930");

    private static @Nullable EntityTags tags(@Nullable String field) {
        return field == null
                ? null
                : EntityTags.parse(List.of(field)).orElseThrow(() -> new AssertionError(field + " is malformed"));
    }

    private static Preconditions conditions(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
        return new Preconditions(tags(ifMatch), tags(ifNoneMatch), false);
    }

    private static boolean permitsChange(Preconditions conditions) {
        try {
            conditions.requireForChange(CURRENT);
            return true;
        } catch (ProblemException refusal) {
            assertThat(refusal.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED);
            return false;
        }
    }

    @Test
    void tagHasTheVersionAndTheUnversionedPart() {
        assertThat(CURRENT).hasToString("\"v7.1687270930\"");
        assertThat(new EntityTag(0, "")).hasToString("\"v0\"");
    }

    /** Tags that a proxy changed when it compressed the response, such as {@code W/"v7"} and {@code "v7-gzip"}, match. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
            '"v7.1687270930"',              true
            '"v7.1600000000"',              true
            '"v7"',                         true
            *,                              true
            '  * ',                         true
            '"v6", "v7"',                   true
            '"v6","x,y",,"v7.1"',           true
            'W/"v7", "v7"',                 true
            '',                             false
            ' , ',                          false
            'W/"v7.1687270930"',            true
            'W/"v7"',                       true
            '"v7-gzip"',                    true
            '"v7--gzip"',                   true
            '"v7.1687270930-gzip"',         true
            'W/"v7-br"',                    true
            '"v7-zstd"',                    true
            '"v8-gzip"',                    false
            'W/"v8"',                       false
            '"v7-"',                        false
            '"v7-gzip-gzip"',               false
            '"v7---gzip"',                  false
            '"v7-x"',                       false
            '"v6.1687270930"',              false
            '"v8"',                         false
            '"v77"',                        false
            '"v07"',                        false
            '"V7"',                         false
            '"v7."',                        false
            '"v7.x"',                       false
            '"7"',                          false
            '"*"',                          false
            '""',                           false
            """)
    void ifMatchComparesVersionsOnly(String field, boolean permitted) {
        assertThat(permitsChange(conditions(field, null))).isEqualTo(permitted);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
            '"v7.1687270930"',              true
            'W/"v7.1687270930"',            true
            '"v7.1687270930-gzip"',         true
            'W/"v7.1687270930--gzip"',      true
            '"v7-gzip"',                    false
            '"v7.1687270931-gzip"',         false
            'W/"v6.1687270930"',            false
            '"v6",W/"v7.1687270930" ,"v8"', true
            *,                              true
            '"v7"',                         false
            '"v7.1687270931"',              false
            '"v6.1687270930"',              false
            '"W/v7.1687270930"',            false
            '',                             false
            """)
    void ifNoneMatchComparesWholeTags(String field, boolean matched) {
        assertThat(conditions(null, field).isNotModified(CURRENT)).isEqualTo(matched);
        assertThat(permitsChange(conditions(null, field))).isEqualTo(!matched);
    }

    @Test
    void ifMatchIsCheckedBeforeIfNoneMatch() {
        assertThatThrownBy(() -> conditions("\"v6\"", "*").isNotModified(CURRENT))
                .isInstanceOf(ProblemException.class);
        assertThat(conditions("\"v7\"", "*").isNotModified(CURRENT)).isTrue();
        assertThat(conditions("\"v7\"", "\"v6\"").isNotModified(CURRENT)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v7",
                "\"v7",
                "v7\"",
                "\"v7\" \"v8\"",
                "\"v7\";\"v8\"",
                "*, \"v7\"",
                "\"v7\", *",
                "**",
                "w/\"v7\"",
                "W/ \"v7\"",
                "W/",
                "W/*",
                "'v7'",
                "\"v 7\"",
                "\"v\\\"7\"",
                "\"v7\u0100\""
            })
    void parseReturnsEmptyForMalformedLists(String field) {
        assertThat(EntityTags.parse(List.of(field))).isEmpty();
    }

    @Test
    void parseJoinsTheLinesOfTheField() {
        assertThat(EntityTags.parse(List.of("\"a\", W/\"b\"", "", "\"\u00fc,\"")))
                .contains(new EntityTags(false, List.of("\"a\"", "W/\"b\"", "\"\u00fc,\"")));
        assertThat(EntityTags.parse(List.of("*", "*"))).isEmpty();
    }

    @Test
    void parseOfALongFieldIsFast() {
        for (String part : List.of(" ", ",", "\"", "W/", "\"a\",", "\"a\" ")) {
            String field = part.repeat(2_000) + "!";
            assertThat(EntityTags.parse(List.of(field))).as(part).isEmpty();
        }
    }

    @Test
    void changeWithoutIfMatchIsRefusedWhenItIsRequired() {
        for (String ifNoneMatch : List.of("*", "\"v6\"")) {
            assertThatThrownBy(() -> new Preconditions(null, tags(ifNoneMatch), true).requireForChange(CURRENT))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.PRECONDITION_REQUIRED));
        }
        new Preconditions(tags("*"), null, true).requireForChange(CURRENT);
        assertThat(new Preconditions(null, null, true).isNotModified(CURRENT)).isFalse();
    }
}
