package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.replica.ReadReplica;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Reads a user to show them, from the read replica where one is configured and up to date. What is read before a change
 * comes from {@link UserRepository}, which always asks the primary.
 */
@Service
class UserLookupService {

    private final Function<UserId, Optional<UserResponse.Tagged>> database;

    UserLookupService(JdbcClient primary, Optional<ReadReplica> configured) {
        this.database = configured.map(replica -> replicaOr(primary, replica)).orElse(id -> find(id, primary));
    }

    private static Function<UserId, Optional<UserResponse.Tagged>> replicaOr(JdbcClient primary, ReadReplica replica) {
        JdbcClient onReplica = JdbcClient.create(replica.dataSource());
        return id -> replica.read(() -> find(id, onReplica), () -> find(id, primary));
    }

    /** Throws {@link ProblemException} with {@link ErrorCode#USER_NOT_FOUND}. */
    UserResponse.Tagged get(UserId id) {
        return database.apply(id).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
    }

    private static Optional<UserResponse.Tagged> find(UserId id, JdbcClient database) {
        return database.sql("select email, name, role, status, created_at, last_login, settings, version from users"
                        + " where id = ?")
                .param(id.value())
                .query((row, number) -> tagged(id, row))
                .optional();
    }

    private static UserResponse.Tagged tagged(UserId id, ResultSet row) throws SQLException {
        UserResponse user = new UserResponse(
                id.toString(),
                row.getString("email"),
                row.getString("name"),
                row.getString("role"),
                UserStatus.of(row.getString("status")),
                seconds(row, "created_at"),
                seconds(row, "last_login"),
                UserSettings.parse(row.getString("settings")));
        return new UserResponse.Tagged(user, UserResponse.tag(row.getInt("version"), user.lastLogin()));
    }

    @SuppressWarnings("NullAway") // null in the column, null out
    private static Instant seconds(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : UserResponse.truncatedToSeconds(time.toInstant());
    }
}
