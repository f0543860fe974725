package dev.usersapi.database;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** For statements that may take longer than {@code socketTimeout} lets all others. */
public class PatientJdbcTemplate extends JdbcTemplate {

    private final Duration longest;

    /**
     * Gives up the connection after that time.
     *
     * @param longest to wait for one answer of the database
     */
    public PatientJdbcTemplate(DataSource connections, Duration longest) {
        super(connections);
        this.longest = longest;
    }

    @Override
    protected void applyStatementSettings(Statement statement) throws SQLException {
        super.applyStatementSettings(statement);
        // the pool sets it back when it gets the connection back
        statement.getConnection().setNetworkTimeout(Runnable::run, Math.toIntExact(longest.toMillis()));
    }
}
