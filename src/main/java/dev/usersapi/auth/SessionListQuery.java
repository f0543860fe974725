package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.http.TypeId;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Lists the sessions of a user. One SQL statement reads whether the user exists, the sessions and their total. */
@Component
class SessionListQuery {

    private final JdbcClient database;
    private final SessionProperties properties;

    SessionListQuery(JdbcClient database, SessionProperties properties) {
        this.database = database;
        this.properties = properties;
    }

    /**
     * Returns at most the 100 most recently used sessions.
     *
     * @throws ProblemException {@link ErrorCode#USER_NOT_FOUND}
     */
    SessionListResponse find(UserId user, Caller caller) {
        List<SessionListResponse.Item> items = new ArrayList<>();
        long[] total = {-1};
        // a user without sessions yields one row, an unknown user none
        database.sql("select s.*, count(s.id) over () as total from users u left join sessions s on s.user_id = u.id"
                        + " and u.status = 'active' and " + SessionRepository.NOT_EXPIRED
                        + " where u.id = :user order by s.last_used_at desc, s.id limit 100")
                .param("user", user.value())
                .param("idle", properties.idleSeconds())
                .query((ResultSet row) -> {
                    total[0] = row.getLong("total");
                    UUID id = row.getObject("id", UUID.class);
                    if (id != null) {
                        items.add(item(id, row, caller));
                    }
                });
        if (total[0] < 0) {
            throw new ProblemException(ErrorCode.USER_NOT_FOUND);
        }
        return new SessionListResponse(items, new SessionListResponse.Meta(total[0]));
    }

    private static SessionListResponse.Item item(UUID id, ResultSet row, Caller caller) throws SQLException {
        return new SessionListResponse.Item(
                TypeId.format(Session.ID_PREFIX, id),
                time(row, "created_at"),
                time(row, "last_used_at"),
                row.getString("ip"),
                row.getString("user_agent"),
                caller.session().filter(id::equals).isPresent());
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant().truncatedTo(ChronoUnit.SECONDS);
    }
}
