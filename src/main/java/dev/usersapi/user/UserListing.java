package dev.usersapi.user;

import dev.usersapi.database.PatientJdbcTemplate;
import dev.usersapi.user.Cursors.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads users for showing them, each time in one statement: one snapshot, one round trip, no entities. */
@Component
class UserListing {

    /** A user, and where they stand in the order asked for. */
    record Row(UserResponse.Item user, Place place) {}

    /** Some rows out of all {@code total} that match. */
    record Found(long total, List<Row> rows) {

        List<UserResponse.Item> users() {
            return rows.stream().map(Row::user).toList();
        }
    }

    private static final int MOST_SECONDS = 8; // of a search
    private static final Duration GIVEN_UP = Duration.ofSeconds(MOST_SECONDS + 1);

    private final JdbcClient database;
    private final JdbcClient planning;

    UserListing(JdbcClient database, DataSource connections) {
        this.database = database;
        JdbcTemplate planningEachTime = new PatientJdbcTemplate(connections, GIVEN_UP) {
            @Override
            protected void applyStatementSettings(Statement statement) throws SQLException {
                super.applyStatementSettings(statement);
                statement.unwrap(PGStatement.class).setPrepareThreshold(0); // no plan is kept on the server
            }
        };
        planningEachTime.setQueryTimeout(MOST_SECONDS);
        this.planning = JdbcClient.create(planningEachTime);
    }

    Found find(UserListStatement statement) {
        List<Row> rows = new ArrayList<>();
        long[] total = {0};
        JdbcClient client = statement.isPlannedEachTime() ? planning : database;
        client.sql(statement.sql()).params(statement.parameters()).query((ResultSet row) -> {
            total[0] = row.getLong("total");
            UUID id = row.getObject("id", UUID.class);
            if (id != null) {
                rows.add(new Row(item(id, row), new Place(row.getString("key"), id)));
            }
        });
        return new Found(total[0], rows);
    }

    Optional<UserResponse.Tagged> find(UserId id) {
        return database.sql("select email, name, role, status, created_at, last_login, settings, version from users"
                        + " where id = ?")
                .param(id.value())
                .query((row, number) -> {
                    UserResponse.Item item = item(id.value(), row);
                    UserResponse user = new UserResponse(
                            item.id(),
                            item.email(),
                            item.name(),
                            item.role(),
                            item.status(),
                            item.createdAt(),
                            item.lastLogin(),
                            UserSettings.parse(row.getString("settings")));
                    return new UserResponse.Tagged(user, UserResponse.tag(row.getInt("version"), item.lastLogin()));
                })
                .optional();
    }

    private static UserResponse.Item item(UUID id, ResultSet row) throws SQLException {
        return new UserResponse.Item(
                new UserId(id).toString(),
                row.getString("email"),
                row.getString("name"),
                row.getString("role"),
                UserStatus.of(row.getString("status")),
                UserResponse.inSeconds(instant(row, "created_at")),
                UserResponse.inSeconds(instant(row, "last_login")));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
