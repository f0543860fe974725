package dev.usersapi.database;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Executes statements that may take longer than {@code socketTimeout} of the connection pool. */
public class LongQueryJdbcTemplate extends JdbcTemplate {

    private final Duration timeout;

    /**
     * Uses its own timeout on the connections of the data source.
     *
     * @param timeout how long to wait for one answer of the database before the connection is aborted
     */
    public LongQueryJdbcTemplate(DataSource dataSource, Duration timeout) {
        super(dataSource);
        this.timeout = timeout;
    }

    @Override
    protected void applyStatementSettings(Statement statement) throws SQLException {
        super.applyStatementSettings(statement);
        // HikariCP restores the timeout when the connection returns to the pool
        statement.getConnection().setNetworkTimeout(Runnable::run, Math.toIntExact(timeout.toMillis()));
    }
}
