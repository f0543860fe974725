package dev.usersapi.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import tools.jackson.databind.json.JsonMapper;

class ProblemHandlerTests {

    private final ProblemHandler handler = new ProblemHandler(new ProblemWriter(JsonMapper.shared()));

    @ParameterizedTest
    @CsvSource({
        "08006, 503, 2", // connection_failure
        "25006, 503, 2", // read_only_sql_transaction: a primary that became a standby
        "25P03, 503, 2", // idle_in_transaction_session_timeout
        "25P04, 503, 2", // transaction_timeout
        "53100, 503, 2", // disk_full
        "53300, 503, 2", // too_many_connections
        "57P01, 503, 2", // admin_shutdown
        "57P02, 503, 2", // crash_shutdown
        "40001, 503, 1", // serialization_failure
        "40P01, 503, 1", // deadlock_detected
        "55P03, 503, 1", // lock_not_available
        "57014, 503, 1", // query_canceled
        "58030, 503, 2", // io_error
        "25P01, 500,", // no_active_sql_transaction
        "23514, 500,", // check_violation
        "42601, 500,", // syntax_error
    })
    void answers503ForTemporaryDatabaseErrorsAnd500ForOthers(String sqlState, int status, String retryAfter)
            throws IOException {
        MockHttpServletResponse response = new MockHttpServletResponse();

        handler.handle(
                new IllegalStateException(new SQLException("internal message", sqlState)),
                new MockHttpServletRequest("GET", "/api/v1/users"),
                response);

        assertThat(response.getStatus()).isEqualTo(status);
        assertThat(response.getHeader("Retry-After")).isEqualTo(retryAfter);
        assertThat(response.getContentAsString()).doesNotContain("internal message", sqlState);
    }
}
