package dev.usersapi.binding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTests {

    private static final List<String> KNOWN = List.of("email", "name", "role", "created_after", "created_before");

    @ParameterizedTest
    @CsvSource({
        "nmae, name",
        "Name, name",
        "names, name",
        "nam, name",
        "e-mail, email",
        "emial, email",
        "createdAfter, created_after",
        "created-after, created_after",
        "createdBefore, created_before",
        "rule, role"
    })
    void findsTheNearestNameOfATypingError(String name, String nearest) {
        assertThat(NearestName.of(name, KNOWN)).contains(nearest);
    }

    @ParameterizedTest
    @CsvSource({"''", "a/b~c%", "x", "game_of_thrones", "rm", "rl", "created"})
    void returnsEmptyWhenNoNameIsSimilar(String name) {
        assertThat(NearestName.of(name, KNOWN)).isEmpty();
    }

    @Test
    void returnsEmptyAtOnceForAVeryLongName() {
        assertThat(NearestName.of("n".repeat(1_000_000), KNOWN)).isEmpty();
    }
}
