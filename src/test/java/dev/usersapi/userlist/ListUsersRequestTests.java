package dev.usersapi.userlist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.user.UserStatus;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListUsersRequestTests {

    @SuppressWarnings("NullAway") // an absent parameter is null
    private static ListUsersRequest request(
            @Nullable Integer page, @Nullable Integer limit, @Nullable String sort, @Nullable List<UserStatus> status) {
        return new ListUsersRequest(page, limit, null, sort, status, null, null, null, null, null, null, null);
    }

    @Test
    void selectionIsEmptyWithoutFiltersInTheDefaultOrder() {
        assertThat(request(null, null, null, null).selection()).isEmpty();
        assertThat(request(3, 7, "-created_at", List.of(UserStatus.values())).selection())
                .isEmpty();
    }

    @Test
    void selectionContainsEveryFilterInANormalForm() {
        ListUsersRequest request = new ListUsersRequest(
                null,
                5,
                "",
                "-name",
                List.of(UserStatus.PENDING, UserStatus.ACTIVE, UserStatus.PENDING),
                List.of("viewer", "admin", "viewer"),
                " Ann+1@Example.com ",
                " E\u0301 &= ",
                Instant.parse("2024-01-01T00:00:00.5Z"),
                Instant.parse("2024-01-02T00:00:00Z"),
                Instant.parse("2024-01-03T00:00:00Z"),
                Instant.parse("2024-01-04T00:00:00Z"));

        assertThat(request.selection())
                .isEqualTo("status=active%2Cpending&role=admin%2Cviewer&email=ann%2B1%40example.com&q=+%C3%89+%26%3D+"
                        + "&created_after=2024-01-01T00%3A00%3A00.500Z&created_before=2024-01-02T00%3A00%3A00Z"
                        + "&last_login_after=2024-01-03T00%3A00%3A00Z&last_login_before=2024-01-04T00%3A00%3A00Z"
                        + "&sort=-name");
        assertThat(request.hasStoredTotal()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({", 20, 0", "1, 100, 0", "2, 20, 20", "2147483647, 100, 214748364600"})
    void offsetDoesNotOverflowOnTheLastPage(@Nullable Integer page, int limit, long offset) {
        assertThat(request(page, limit, null, null).offset()).isEqualTo(offset);
    }
}
