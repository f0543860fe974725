package dev.usersapi.userlist;

import dev.usersapi.http.ServicePath;
import dev.usersapi.user.UserStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One page of users, the response of "Get All Users" in the API specification; with a cursor, {@code meta} differs. */
record UserListResponse(List<Item> data, Meta meta) {

    /** A user in the list, which shows no settings. */
    record Item(
            String id,
            String email,
            String name,
            String role,
            UserStatus status,
            Instant createdAt,
            @Nullable Instant lastLogin) {}

    sealed interface Meta permits PageMeta, CursorMeta {}

    /** For a page by number; {@code total} and {@code pages} are those of the whole list. */
    record PageMeta(long total, int page, int limit, long pages) implements Meta {}

    /** For a page by cursor; {@code nextCursor} is null on the last page. */
    record CursorMeta(int limit, long total, @Nullable String nextCursor) implements Meta {}

    /** A filter by dozens of roles makes longer links than the header of a response has room for. */
    private static final int MAX_LINKS_LENGTH = 4000;

    /** The {@code Link} header (RFC 8288), whose targets are paths; empty without links, or when they are too long. */
    String links(ListUsersRequest request) {
        String selection = request.selection();
        String path = ServicePath.of("/api/v1/users") + "?" + (selection.isEmpty() ? "" : selection + "&") + "limit="
                + request.limit();
        List<String> links = new ArrayList<>();
        if (meta instanceof PageMeta current) {
            long last = Math.max(1, current.pages());
            links.add(link(path + "&page=1", "first"));
            if (current.page() > 1) {
                links.add(link(path + "&page=" + Math.min(current.page() - 1, last), "prev"));
            }
            if (current.page() < last) {
                links.add(link(path + "&page=" + (current.page() + 1), "next"));
            }
            links.add(link(path + "&page=" + last, "last"));
        } else if (meta instanceof CursorMeta current && current.nextCursor() != null) {
            links.add(link(path + "&cursor=" + current.nextCursor(), "next"));
        }
        String header = String.join(", ", links);
        return header.length() > MAX_LINKS_LENGTH ? "" : header;
    }

    private static String link(String target, String relation) {
        return "<" + target + ">; rel=\"" + relation + "\"";
    }
}
