package dev.usersapi.userlist;

import dev.usersapi.replica.ReadReplica;
import dev.usersapi.userlist.CursorCipher.Position;
import dev.usersapi.userlist.UserListRepository.Found;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** Lists users, from the read replica where one is configured and up to date. */
@Service
class UserListService {

    private final Function<UserListStatement, Found> database;
    private final CursorCipher cursors;

    UserListService(UserListRepository primary, CursorCipher cursors, Optional<ReadReplica> configured) {
        this.database = configured.map(replica -> replicaOr(primary, replica)).orElse(primary::find);
        this.cursors = cursors;
    }

    private static Function<UserListStatement, Found> replicaOr(UserListRepository primary, ReadReplica replica) {
        UserListRepository onReplica =
                new UserListRepository(JdbcClient.create(replica.dataSource()), replica.dataSource());
        return statement -> replica.read(() -> onReplica.find(statement), () -> primary.find(statement));
    }

    UserListResponse list(ListUsersRequest request) {
        return request.cursor() == null ? byPage(request) : byCursor(request.cursor(), request);
    }

    private UserListResponse byPage(ListUsersRequest request) {
        Found found = database.apply(new UserListStatement(request, request.limit(), null));
        long pages = (found.total() + request.limit() - 1) / request.limit();
        return new UserListResponse(
                found.users(),
                new UserListResponse.PageMeta(found.total(), request.pageNumber(), request.limit(), pages));
    }

    private UserListResponse byCursor(String cursor, ListUsersRequest request) {
        Position after = cursor.isEmpty() ? null : cursors.decrypt(cursor, request.selection());
        // one row more than the page holds tells whether there is a next page
        Found found = database.apply(new UserListStatement(request, request.limit() + 1, after));
        List<UserListResponse.Item> users =
                found.users().stream().limit(request.limit()).toList();
        String next = found.rows().size() > request.limit()
                ? cursors.encrypt(found.rows().get(request.limit() - 1).position(), request.selection())
                : null;
        return new UserListResponse(users, new UserListResponse.CursorMeta(request.limit(), found.total(), next));
    }
}
