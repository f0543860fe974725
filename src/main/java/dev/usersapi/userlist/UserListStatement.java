package dev.usersapi.userlist;

import dev.usersapi.userlist.CursorCipher.Position;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL statement that reads one page. Each row contains the total of the list. An empty page is one row with the total
 * and nulls; a filter by e-mail without a match gives no row. Values from clients are bound as parameters, except for the
 * names of statuses and roles.
 *
 * <p>The form of the statement depends on the request, so that PostgreSQL reads few rows even of a large table:
 *
 * <ul>
 *   <li>A filter by e-mail finds at most one user, through the unique index.
 *   <li>Filters by status, role and time of creation: the total comes from the counts in {@code user_counts}, and the rows
 *       are read from an index in their order. For a page by number far from the start, the counts tell where to begin.
 *   <li>Any other filter: all matching users are found through an index, and then counted and sorted.
 * </ul>
 */
final class UserListStatement {

    private static final String COLUMNS = "u.id, u.email, u.name, u.role, u.status, u.created_at, u.last_login";
    // A lateral join with a limit reads user by user through the primary key. PostgreSQL does not know how few rows a
    // page has, so with a plain join it may read the whole table.
    private static final String JOIN_USERS =
            " left join lateral (select * from users where id = hit.id limit 1) u on true";
    private static final String STATUSES_AND_ROLES = "string_to_array(:statuses, ','), string_to_array(:roles, ',')";

    private final ListUsersRequest request;
    private final UserListFilters filters;
    private final int limit;
    private final @Nullable Position after;
    private final UserSort sort;
    private final String direction;
    private final String sql;

    /** @param after the last user of the previous page by cursor; null for the first page, and for pages by number */
    UserListStatement(ListUsersRequest request, int limit, @Nullable Position after) {
        this.request = request;
        this.filters = new UserListFilters(request);
        this.limit = limit;
        this.after = after;
        this.sort = request.sortKey();
        this.direction = request.isDescending() ? " desc" : "";
        if (request.email() != null && request.offset() == 0 && after == null) {
            this.sql = selectByEmail();
        } else if (!request.hasStoredTotal()) {
            this.sql = selectAmongMatches();
        } else if (sort == UserSort.CREATED_AT && request.offset() > 0) {
            this.sql = selectByPageNumber();
        } else {
            this.sql = selectInIndexOrder();
        }
    }

    String sql() {
        return sql;
    }

    Map<String, @Nullable Object> parameters() {
        Map<String, @Nullable Object> parameters = filters.parameters();
        parameters.put("limit", limit);
        parameters.put("offset", request.offset());
        if (after != null) {
            parameters.put("after_key", after.key());
            parameters.put("after_id", after.id());
        }
        return parameters;
    }

    /** Whether the best plan depends so much on the values that PostgreSQL should plan each execution. */
    boolean isPlannedEachTime() {
        return (!request.hasStoredTotal() && request.email() == null)
                || (sort != UserSort.CREATED_AT && (request.createdAfter() != null || request.createdBefore() != null));
    }

    private String selectByEmail() {
        return "select 1 as total, " + COLUMNS + ", " + sort.key + "::text as key from users u" + where(filters.all());
    }

    private String selectAmongMatches() {
        return "with hits as materialized (select id, " + sort.key + " as key from users" + where(filters.all()) + ")"
                + " select counted.total, " + COLUMNS + ", hit.key::text as key"
                + " from (select count(*) as total from hits) counted"
                + " left join lateral (select id, key from hits" + where(afterPosition("key")) + orderBy("key", "id")
                + " limit :limit offset :offset) hit on true"
                + JOIN_USERS + orderBy("hit.key", "hit.id");
    }

    private String selectInIndexOrder() {
        List<String> conditions = filters.exceptStatusAndRole();
        if (after != null && sort == UserSort.CREATED_AT) {
            // The position of the cursor already respects this bound. With both conditions, PostgreSQL may start its
            // scan at the bound instead of at the position.
            conditions.remove(request.isDescending() ? UserListFilters.CREATED_BEFORE : UserListFilters.CREATED_SINCE);
        }
        conditions.addAll(afterPosition(sort.key));
        // The limit is a literal: PostgreSQL keeps no plan whose limit is a parameter, because it assumes many rows.
        String rows = rows(
                "*, " + sort.key + " as key",
                conditions,
                direction,
                String.valueOf(limit),
                request.offset() == 0 ? "0" : ":offset");
        // materialized, because PostgreSQL would otherwise compute the total for each row
        return "with counted as materialized (select " + total() + " as total)"
                + " select counted.total, " + COLUMNS + ", u.key::text as key from counted"
                + " left join lateral (" + rows + ") u on true" + orderBy("u.key", "u.id");
    }

    /** user_page() describes every page in descending order, also for an ascending list; the outer order turns it round. */
    private String selectByPageNumber() {
        List<String> conditions = filters.exceptStatusAndRole();
        // user_page() already respects this bound, in the position or in the number of rows to skip
        conditions.remove(UserListFilters.CREATED_BEFORE);
        conditions.add("(created_at, id) < (page.before_created_at, page.before_id)");
        return "select greatest(page.total, 0) as total, " + COLUMNS + ", u.created_at::text as key"
                + " from user_page(:offset, :limit, " + !request.isDescending() + ", :created_since, :created_before, "
                + STATUSES_AND_ROLES + ") page"
                + " left join lateral ("
                + rows("id, created_at as key", conditions, " desc", "page.row_limit", "page.row_offset")
                + ") hit on true" + JOIN_USERS + orderBy("u.created_at", "u.id");
    }

    /**
     * Selects rows in the order of an index. An index by time of creation exists for each status and role. For several of
     * them, each index is read in order, up to the end of the page, and the results are merged.
     */
    private String rows(
            String columns, List<String> conditions, String rowDirection, String limitSql, String offsetSql) {
        List<String> combinations =
                sort == UserSort.CREATED_AT ? filters.eachStatusAndRole() : List.of(filters.statusAndRole());
        List<String> selects = combinations.stream()
                .map(statusAndRole -> "select " + columns + " from users"
                        + where(Stream.concat(Stream.of(statusAndRole), conditions.stream())
                                .filter(condition -> !condition.isEmpty())
                                .toList())
                        + " order by " + sort.key + rowDirection + ", id" + rowDirection + " limit ")
                .toList();
        if (selects.size() == 1) {
            return selects.get(0) + limitSql + " offset " + offsetSql;
        }
        return selects.stream()
                        .map(select -> "(" + select + limitSql + " + " + offsetSql + ")")
                        .collect(Collectors.joining(" union all ", "select * from (", ") merged"))
                + " order by key" + rowDirection + ", id" + rowDirection + " limit " + limitSql + " offset "
                + offsetSql;
    }

    private String total() {
        String totalBefore = "user_total_before(:%s, " + STATUSES_AND_ROLES + ")";
        String total = request.createdBefore() == null
                ? "user_total(" + STATUSES_AND_ROLES + ")"
                : totalBefore.formatted("created_before");
        // the difference is negative when created_before is earlier than created_after
        return request.createdAfter() == null
                ? total
                : "greatest(" + total + " - " + totalBefore.formatted("created_since") + ", 0)";
    }

    private List<String> afterPosition(String key) {
        return after == null
                ? List.of()
                : List.of("(" + key + ", id) " + (request.isDescending() ? "<" : ">") + " (cast(:after_key as "
                        + sort.type + "), :after_id)");
    }

    private String orderBy(String key, String id) {
        return " order by " + key + direction + ", " + id + direction;
    }

    private static String where(List<String> conditions) {
        return conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    }
}
