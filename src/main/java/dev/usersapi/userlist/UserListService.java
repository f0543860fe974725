package dev.usersapi.userlist;

import dev.usersapi.replica.ReadReplica;
import dev.usersapi.userlist.CursorCipher.Position;
import dev.usersapi.userlist.UserListRepository.Found;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** Lists users, from the read replica where one is configured and up to date. */
@Service
class UserListService {

    private final UserListRepository primary;
    private final CursorCipher cursors;
    private final @Nullable ReadReplica replica;
    private final @Nullable UserListRepository onReplica;

    UserListService(UserListRepository primary, CursorCipher cursors, Optional<ReadReplica> configured) {
        this.primary = primary;
        this.cursors = cursors;
        this.replica = configured.orElse(null);
        this.onReplica = configured
                .map(ReadReplica::dataSource)
                .map(UserListService::repository)
                .orElse(null);
    }

    private static UserListRepository repository(DataSource connections) {
        return new UserListRepository(JdbcClient.create(connections), connections);
    }

    UserListResponse list(ListUsersRequest request) {
        return request.cursor() == null ? byPage(request) : byCursor(request.cursor(), request);
    }

    private UserListResponse byPage(ListUsersRequest request) {
        Found found = find(new UserListStatement(request, request.limit(), null));
        long pages = (found.total() + request.limit() - 1) / request.limit();
        return new UserListResponse(
                found.users(),
                new UserListResponse.PageMeta(found.total(), request.pageNumber(), request.limit(), pages));
    }

    private UserListResponse byCursor(String cursor, ListUsersRequest request) {
        Position after = cursor.isEmpty() ? null : cursors.decrypt(cursor, request.selection());
        // one row more than the page holds tells whether there is a next page
        Found found = find(new UserListStatement(request, request.limit() + 1, after));
        List<UserListResponse.Item> users =
                found.users().stream().limit(request.limit()).toList();
        String next = found.rows().size() > request.limit()
                ? cursors.encrypt(found.rows().get(request.limit() - 1).position(), request.selection())
                : null;
        return new UserListResponse(users, new UserListResponse.CursorMeta(request.limit(), found.total(), next));
    }

    private Found find(UserListStatement statement) {
        return replica == null || onReplica == null
                ? primary.find(statement)
                : replica.read(() -> onReplica.find(statement), () -> primary.find(statement));
    }
}
