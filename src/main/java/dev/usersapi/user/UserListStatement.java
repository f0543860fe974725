package dev.usersapi.user;

import dev.usersapi.binding.Rfc3339;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one statement that answers a page or a step of the list: the total in every row, and alone in one row where the
 * page is empty. What callers send is bound to parameters, but for the names of statuses and roles.
 *
 * <p>Three ways lead to the rows. What status, role and time of creation select is counted beforehand (see migration
 * 5), so its total is looked up and its rows are read from an index in their order; a page far from the start is read
 * from a place that the counts tell. Whatever else is asked for is found first, all of it, and then counted and sorted.
 */
final class UserListStatement {

    private static final String COLUMNS = "u.id, u.email, u.name, u.role, u.status, u.created_at, u.last_login";
    private static final String FROM_SINCE = "created_at >= :since";
    private static final String BEFORE_UNTIL = "created_at < :until";
    // one by one by the primary key; as a plain join PostgreSQL, which cannot know how short a page is, may read them
    // all
    private static final String EACH = " left join lateral (select * from users where id = h.id limit 1) u on true";
    private static final Pattern NAMES = Pattern.compile("[a-z0-9_,-]+");
    private static final String COUNTED = "string_to_array(:statuses, ','), string_to_array(:roles, ',')";

    private final ListUsersRequest request;
    private final Cursors.@Nullable Place after;
    private final UserSort sort;
    private final String direction;
    private final Map<String, @Nullable Object> parameters = new HashMap<>();
    private final String sql;

    UserListStatement(ListUsersRequest request, int limit, Cursors.@Nullable Place after) {
        this.request = request;
        this.after = after;
        this.sort = request.sortKey();
        this.direction = request.isDescending() ? " desc" : "";
        parameters.put("limit", limit);
        parameters.put("offset", request.offset());
        parameters.put("statuses", request.status() == null ? null : ListUsersRequest.joined(request.status()));
        parameters.put("roles", request.role() == null ? null : ListUsersRequest.joined(request.role()));
        parameters.put("since", fromAfter(request.createdAfter()));
        parameters.put("until", upTo(request.createdBefore()));
        if (request.email() != null && request.offset() == 0 && after == null) {
            this.sql = byEmail();
        } else if (!request.isCounted()) {
            this.sql = amongHits();
        } else if (sort == UserSort.CREATED_AT && request.offset() > 0) {
            this.sql = atPlace();
        } else {
            this.sql = inOrder();
        }
    }

    String sql() {
        return sql;
    }

    /** Whether the best plan depends so much on the values that it should not be kept. */
    boolean isPlannedEachTime() {
        return (!request.isCounted() && request.email() == null)
                || (sort != UserSort.CREATED_AT && (request.createdAfter() != null || request.createdBefore() != null));
    }

    Map<String, @Nullable Object> parameters() {
        return parameters;
    }

    /** One user or none, as the unique index on the e-mail knows: nothing to count or to sort. */
    private String byEmail() {
        return "select 1 as total, " + COLUMNS + ", " + sort.key + "::text as key from users u" + where(all());
    }

    private String amongHits() {
        return "with hits as materialized (select id, " + sort.key + " as key from users" + where(all()) + ")"
                + " select t.total, " + COLUMNS + ", h.key::text as key"
                + " from (select count(*) as total from hits) t"
                + " left join lateral (select id, key from hits" + where(keyset("key")) + order("key")
                + " limit :limit offset :offset) h on true"
                + EACH + order("h.key", "h.id");
    }

    private String inOrder() {
        List<String> conditions = filters();
        if (after != null && sort == UserSort.CREATED_AT) {
            // the place lies within; PostgreSQL would start at the bound, and read its way to the place
            conditions.remove(request.isDescending() ? BEFORE_UNTIL : FROM_SINCE);
        }
        conditions.addAll(keyset(sort.key));
        // materialized, or PostgreSQL would work out the total for each row
        return "with t as materialized (select " + total() + " as total)"
                + " select t.total, " + COLUMNS + ", u.key::text as key from t"
                + " left join lateral ("
                + rows(
                        "*, " + sort.key + " as key",
                        conditions,
                        direction,
                        // as a number, or PostgreSQL would plan each time, for fear that many rows are wanted
                        String.valueOf(parameters.get("limit")),
                        request.offset() == 0 ? "0" : ":offset")
                + ") u on true" + order("u.key", "u.id");
    }

    private String atPlace() {
        List<String> conditions = filters();
        // a place is at the end of the time asked for, or what comes after that end is among the rows to skip
        conditions.remove(BEFORE_UNTIL);
        conditions.add("(created_at, id) < (p.before_created_at, p.before_id)");
        return "select greatest(p.total, 0) as total, " + COLUMNS + ", u.created_at::text as key"
                + " from user_page(:offset, :limit, " + !request.isDescending() + ", :since, :until, " + COUNTED + ") p"
                + " left join lateral ("
                + rows("id, created_at as key", conditions, " desc", "p.row_limit", "p.row_offset")
                + ") h on true" + EACH + order("u.created_at", "u.id");
    }

    /**
     * Rows in the order of an index. By time of creation there is an index for each status and role: of several, each has
     * its rows read in order, as many as could be wanted, before they are merged.
     */
    private String rows(String columns, List<String> conditions, String direction, String limit, String offset) {
        List<String> selected = sort == UserSort.CREATED_AT ? selections() : List.of(selection());
        List<String> parts = selected.stream()
                .map(selection -> "select " + columns + " from users"
                        + where(Stream.concat(Stream.of(selection), conditions.stream())
                                .filter(condition -> !condition.isEmpty())
                                .toList())
                        + " order by " + sort.key + direction + ", id" + direction + " limit ")
                .toList();
        return parts.size() == 1
                ? parts.get(0) + limit + " offset " + offset
                : parts.stream()
                                .map(part -> "(" + part + limit + " + " + offset + ")")
                                .collect(Collectors.joining(" union all ", "select * from (", ") m"))
                        + " order by key" + direction + ", id" + direction + " limit " + limit + " offset " + offset;
    }

    /** Status and role in one condition; empty for any. */
    private String selection() {
        return Stream.of(in("status", request.status()), in("role", request.role()))
                .filter(condition -> !condition.isEmpty())
                .collect(Collectors.joining(" and "));
    }

    /** One condition for each combination of a status and a role. */
    private List<String> selections() {
        List<String> selections = new ArrayList<>();
        for (String status : each("status", request.status())) {
            for (String role : each("role", request.role())) {
                selections.add(status + (status.isEmpty() || role.isEmpty() ? "" : " and ") + role);
            }
        }
        return selections;
    }

    private static List<String> each(String column, @Nullable List<?> values) {
        return values == null
                ? List.of("")
                : values.stream().map(value -> in(column, List.of(value))).toList();
    }

    /**
     * As literals, which makes a statement for each: how rare a role is decides which index is the best. They are names
     * that exist, and their form is checked once more.
     */
    private static String in(String column, @Nullable List<?> values) {
        if (values == null) {
            return "";
        }
        String names = ListUsersRequest.joined(values);
        if (!NAMES.matcher(names).matches()) {
            throw new IllegalArgumentException("Not names of statuses or roles");
        }
        return column + " in ('" + names.replace(",", "', '") + "')";
    }

    private String total() {
        String before = "user_total_before(:%s, " + COUNTED + ")";
        String upTo = request.createdBefore() == null ? "user_total(" + COUNTED + ")" : before.formatted("until");
        // where the end lies before the beginning there is nobody, not fewer than nobody
        return request.createdAfter() == null ? upTo : "greatest(" + upTo + " - " + before.formatted("since") + ", 0)";
    }

    /** All but status and role. */
    private List<String> filters() {
        List<String> filters = new ArrayList<>();
        if (request.createdAfter() != null) {
            filters.add(FROM_SINCE);
        }
        if (request.createdBefore() != null) {
            filters.add(BEFORE_UNTIL);
        }
        if (request.email() != null) {
            filters.add(UserSort.EMAIL.key + " = lower(:email collate \"C\")");
            parameters.put("email", request.email());
        }
        if (request.q() != null) {
            filters.add("user_trigrams(name, email) @@ user_trigram_query(:q)");
            filters.add("(position(fold_case(:q) in fold_case(name)) > 0"
                    + " or position(fold_case(:q) in fold_case(email)) > 0)");
            parameters.put("q", request.q());
        }
        if (request.lastLoginAfter() != null) {
            filters.add(UserSort.LAST_LOGIN.key + " >= :login_since");
            parameters.put("login_since", fromAfter(request.lastLoginAfter()));
        }
        if (request.lastLoginBefore() != null) {
            filters.add(UserSort.LAST_LOGIN.key + " < :login_until");
            parameters.put("login_until", upTo(request.lastLoginBefore()));
        }
        return filters;
    }

    private List<String> all() {
        List<String> conditions = filters();
        if (!selection().isEmpty()) {
            conditions.add(selection());
        }
        return conditions;
    }

    private List<String> keyset(String key) {
        if (after == null) {
            return List.of();
        }
        parameters.put("after_key", after.key());
        parameters.put("after_id", after.id());
        return List.of("(" + key + ", id) " + (request.isDescending() ? "<" : ">") + " (cast(:after_key as " + sort.type
                + "), :after_id)");
    }

    private String order(String key) {
        return order(key, "id");
    }

    private String order(String key, String id) {
        return " order by " + key + direction + ", " + id + direction;
    }

    private static String where(List<String> conditions) {
        return conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    }

    /** The first instant whose second, which is what callers see, is after the one given. */
    private static @Nullable OffsetDateTime fromAfter(@Nullable Instant instant) {
        return instant == null
                ? null
                : utc(instant.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
    }

    /** The first instant whose second is not before the one given. */
    private static @Nullable OffsetDateTime upTo(@Nullable Instant instant) {
        return instant == null ? null : utc(Rfc3339.roundedUp(instant));
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
