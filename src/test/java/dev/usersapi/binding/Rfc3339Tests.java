package dev.usersapi.binding;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Tests {

    @ParameterizedTest
    @CsvSource({
        "2023-06-21T09:15:30Z, 2023-06-21T09:15:30Z",
        "2023-06-21t09:15:30.5z, 2023-06-21T09:15:30.500Z",
        "2023-06-21T09:15:30.123456789+05:30, 2023-06-21T03:45:30.123456789Z",
        "2023-06-21T09:15:30+0530, 2023-06-21T03:45:30Z",
        "2020-01-01T00:00:00.000000+0000, 2020-01-01T00:00:00Z", // as Python writes it
        "2020-01-01T00:00:00.5-0130, 2020-01-01T01:30:00.500Z",
        "2026-11-01, 2026-11-01T00:00:00Z",
        "2024-02-29, 2024-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z"
    })
    void parsesTimes(String text, Instant time) {
        assertThat(Rfc3339.parse(text)).contains(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2023-02-29",
                "2023-6-21",
                "20230621",
                "2023-06-21Z",
                "2023-06-21+0000",
                "2023-06-21T09:15:30",
                "2023-06-21 09:15:30Z",
                "2023-06-21T09:15Z",
                "2023-06-31T09:15:30Z",
                "2023-06-21T25:15:30Z",
                "2023-06-21T09:15:30+05",
                "2023-06-21T09:15:30+9900",
                "2023-06-21T09:15:30.000000",
                "2023-06-21T09:15:30.1234567890Z",
                "+12023-06-21T09:15:30Z",
                "9999-12-31T23:59:59-01:00",
                "0000-01-01T00:00:00+01:00"
            })
    void returnsEmptyForOtherTexts(String text) {
        assertThat(Rfc3339.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2023-06-21T09:15:30Z, 2023-06-21T09:15:30Z",
        "2023-06-21T09:15:30.000000001Z, 2023-06-21T09:15:31Z",
        "2023-12-31T23:59:59.999999999Z, 2024-01-01T00:00:00Z",
        "1969-12-31T23:59:58.5Z, 1969-12-31T23:59:59Z"
    })
    void roundUpReturnsWholeSeconds(Instant time, Instant second) {
        assertThat(Rfc3339.roundUp(time)).isEqualTo(second);
    }
}
