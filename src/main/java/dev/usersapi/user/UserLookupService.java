package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.replica.Replica;
import dev.usersapi.user.Cursors.Place;
import dev.usersapi.user.UserListing.Found;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** Users for showing them: one, a page, a step of a walk. What is read for a change is not read here, but from the primary. */
@Service
class UserLookupService {

    private final UserListing primary;
    private final Cursors cursors;
    private final @Nullable Replica replica;
    private final @Nullable UserListing onReplica;

    UserLookupService(UserListing primary, Cursors cursors, Optional<Replica> configured) {
        this.primary = primary;
        this.cursors = cursors;
        this.replica = configured.orElse(null);
        this.onReplica = configured
                .map(Replica::connections)
                .map(UserLookupService::listing)
                .orElse(null);
    }

    private static UserListing listing(DataSource connections) {
        return new UserListing(JdbcClient.create(connections), connections);
    }

    private <T> T read(Function<UserListing, T> query) {
        return replica == null || onReplica == null
                ? query.apply(primary)
                : replica.read(() -> query.apply(onReplica), () -> query.apply(primary));
    }

    Page list(ListUsersRequest request) {
        return request.cursor() == null ? page(request) : step(request.cursor(), request);
    }

    private Page page(ListUsersRequest request) {
        UserListStatement statement = new UserListStatement(request, request.limit(), null);
        Found found = read(listing -> listing.find(statement));
        long pages = (found.total() + request.limit() - 1) / request.limit();
        return new Page(found.users(), new Page.Numbered(found.total(), request.pageNumber(), request.limit(), pages));
    }

    private Page step(String cursor, ListUsersRequest request) {
        Place after = cursor.isEmpty() ? null : cursors.open(cursor, request.selection());
        // one more than asked for tells whether there is a next step
        UserListStatement statement = new UserListStatement(request, request.limit() + 1, after);
        Found found = read(listing -> listing.find(statement));
        if (found.rows().size() <= request.limit()) {
            return new Page(found.users(), new Page.Step(request.limit(), found.total(), null));
        }
        Found step = new Found(found.total(), found.rows().subList(0, request.limit()));
        Place last = step.rows().get(request.limit() - 1).place();
        return new Page(
                step.users(), new Page.Step(request.limit(), step.total(), cursors.seal(last, request.selection())));
    }

    /** Throws {@link ProblemException} with {@link ErrorCode#USER_NOT_FOUND}. */
    UserResponse.Tagged get(UserId id) {
        return read(listing -> listing.find(id)).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
    }
}
