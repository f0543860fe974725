package dev.usersapi.user;

import dev.usersapi.http.ServicePath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One page of users as the contract's "Get All Users" answers it, or one step of a walk with a cursor. */
record Page(List<UserResponse.Item> data, Meta meta) {

    /** What is told of the whole list beside its part. */
    sealed interface Meta permits Numbered, Step {}

    record Numbered(long total, int page, int limit, long pages) implements Meta {}

    record Step(int limit, long total, @Nullable String nextCursor) implements Meta {}

    /** More than this, of dozens of roles, would not fit into the head of an answer. */
    private static final int LONGEST_LINKS = 4000;

    /** The {@code Link} field (RFC 8288), with paths for targets; empty where there is nowhere to go, or no room. */
    String links(ListUsersRequest request) {
        String selection = request.selection();
        String path = ServicePath.of("/api/v1/users") + "?" + (selection.isEmpty() ? "" : selection + "&") + "limit="
                + request.limit();
        List<String> links = new ArrayList<>();
        if (meta instanceof Numbered numbered) {
            long last = Math.max(1, numbered.pages());
            links.add(link(path + "&page=1", "first"));
            if (numbered.page() > 1) {
                links.add(link(path + "&page=" + Math.min(numbered.page() - 1, last), "prev"));
            }
            if (numbered.page() < last) {
                links.add(link(path + "&page=" + (numbered.page() + 1), "next"));
            }
            links.add(link(path + "&page=" + last, "last"));
        } else if (meta instanceof Step step && step.nextCursor() != null) {
            links.add(link(path + "&cursor=" + step.nextCursor(), "next"));
        }
        String field = String.join(", ", links);
        return field.length() > LONGEST_LINKS ? "" : field;
    }

    private static String link(String target, String relation) {
        return "<" + target + ">; rel=\"" + relation + "\"";
    }
}
