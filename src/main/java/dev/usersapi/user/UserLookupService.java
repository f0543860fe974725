package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.Cursors.Place;
import dev.usersapi.user.UserListing.Found;
import org.springframework.stereotype.Service;

/** Users for reading: one of them, a page, a step of a walk. */
@Service
class UserLookupService {

    private final UserListing listing;
    private final Cursors cursors;

    UserLookupService(UserListing listing, Cursors cursors) {
        this.listing = listing;
        this.cursors = cursors;
    }

    Page list(ListUsersRequest request) {
        return request.cursor() == null ? page(request) : step(request.cursor(), request);
    }

    private Page page(ListUsersRequest request) {
        Found found = listing.find(new UserListStatement(request, request.limit(), null));
        long pages = (found.total() + request.limit() - 1) / request.limit();
        return new Page(found.users(), new Page.Numbered(found.total(), request.pageNumber(), request.limit(), pages));
    }

    private Page step(String cursor, ListUsersRequest request) {
        Place after = cursor.isEmpty() ? null : cursors.open(cursor, request.selection());
        // one more than asked for tells whether there is a next step
        Found found = listing.find(new UserListStatement(request, request.limit() + 1, after));
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
        return listing.find(id).orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
    }
}
