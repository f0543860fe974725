package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usersapi.support.ApiTest;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

@ApiTest
class LongQueryJdbcTemplateIT {

    private static final String SLOW_QUERY = "select 'answer' from pg_sleep(1.5)";

    @Autowired
    private JdbcConnectionDetails server;

    @Test
    void aQueryMayTakeLongerThanTheSocketTimeoutOfTheConnection() {
        String url = server.getJdbcUrl();
        DataSource dataSource = new DriverManagerDataSource(
                url + (url.contains("?") ? "&" : "?") + "socketTimeout=1",
                String.valueOf(server.getUsername()),
                String.valueOf(server.getPassword()));

        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> new JdbcTemplate(dataSource).queryForObject(SLOW_QUERY, String.class));
        assertThat(new LongQueryJdbcTemplate(dataSource, Duration.ofSeconds(10))
                        .queryForObject(SLOW_QUERY, String.class))
                .isEqualTo("answer");
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> new LongQueryJdbcTemplate(dataSource, Duration.ofMillis(100))
                        .queryForObject(SLOW_QUERY, String.class));
    }
}
