package dev.usersapi.userlist;

import dev.usersapi.database.LongQueryJdbcTemplate;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserResponse;
import dev.usersapi.user.UserStatus;
import dev.usersapi.userlist.CursorCipher.Position;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.postgresql.PGStatement;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Runs the statement of a list. It uses SQL instead of JPA so that a page and its total are one statement and one snapshot. */
@Repository
class UserListRepository {

    /** A user, and their position in the sort order. */
    record Row(UserListResponse.Item user, Position position) {}

    /** The rows of one page, and how many users match in total. */
    record Found(long total, List<Row> rows) {

        List<UserListResponse.Item> users() {
            return rows.stream().map(Row::user).toList();
        }
    }

    private static final int MAX_SEARCH_SECONDS = 8;
    private static final Duration MAX_WAIT = Duration.ofSeconds(MAX_SEARCH_SECONDS + 1);

    private final JdbcClient database;
    private final JdbcClient databaseWithoutCachedPlans;

    UserListRepository(JdbcClient database, DataSource connections) {
        this.database = database;
        JdbcTemplate withoutCachedPlans = new LongQueryJdbcTemplate(connections, MAX_WAIT) {
            @Override
            protected void applyStatementSettings(Statement statement) throws SQLException {
                super.applyStatementSettings(statement);
                // no named statement on the server, and so no generic plan (PostgreSQL, "PREPARE")
                statement.unwrap(PGStatement.class).setPrepareThreshold(0);
            }
        };
        withoutCachedPlans.setQueryTimeout(MAX_SEARCH_SECONDS);
        this.databaseWithoutCachedPlans = JdbcClient.create(withoutCachedPlans);
    }

    Found find(UserListStatement statement) {
        List<Row> rows = new ArrayList<>();
        long[] total = {0};
        JdbcClient client = statement.isPlannedEachTime() ? databaseWithoutCachedPlans : database;
        client.sql(statement.sql()).params(statement.parameters()).query((ResultSet row) -> {
            total[0] = row.getLong("total");
            UUID id = row.getObject("id", UUID.class);
            if (id != null) { // an empty page is one row that contains only the total
                rows.add(new Row(item(id, row), new Position(row.getString("key"), id)));
            }
        });
        return new Found(total[0], rows);
    }

    private static UserListResponse.Item item(UUID id, ResultSet row) throws SQLException {
        return new UserListResponse.Item(
                new UserId(id).toString(),
                row.getString("email"),
                row.getString("name"),
                row.getString("role"),
                UserStatus.of(row.getString("status")),
                seconds(row, "created_at"),
                seconds(row, "last_login"));
    }

    @SuppressWarnings("NullAway") // null in the column, null out
    private static Instant seconds(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : UserResponse.truncatedToSeconds(time.toInstant());
    }
}
