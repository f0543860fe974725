package dev.usersapi.userlist;

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

/** The filters of a request as SQL conditions on {@code users}, and the values of their named parameters. */
final class UserListFilters {

    static final String CREATED_SINCE = "created_at >= :created_since";
    static final String CREATED_BEFORE = "created_at < :created_before";

    private static final Pattern NAMES = Pattern.compile("[a-z0-9_,-]+");

    private final ListUsersRequest request;

    UserListFilters(ListUsersRequest request) {
        this.request = request;
    }

    /**
     * The values of all named parameters. Whole seconds make {@code created_since} and {@code login_since} the first
     * instants that are after the given ones. {@code statuses} and {@code roles} are joined by commas, for the functions
     * that count users.
     */
    Map<String, @Nullable Object> parameters() {
        Map<String, @Nullable Object> parameters = new HashMap<>();
        parameters.put("statuses", request.status() == null ? null : ListUsersRequest.joined(request.status()));
        parameters.put("roles", request.role() == null ? null : ListUsersRequest.joined(request.role()));
        parameters.put("email", request.email());
        parameters.put("q", request.q());
        parameters.put("created_since", nextSecond(request.createdAfter()));
        parameters.put("created_before", roundedUp(request.createdBefore()));
        parameters.put("login_since", nextSecond(request.lastLoginAfter()));
        parameters.put("login_before", roundedUp(request.lastLoginBefore()));
        return parameters;
    }

    List<String> all() {
        List<String> conditions = exceptStatusAndRole();
        if (!statusAndRole().isEmpty()) {
            conditions.add(statusAndRole());
        }
        return conditions;
    }

    List<String> exceptStatusAndRole() {
        List<String> conditions = new ArrayList<>();
        if (request.createdAfter() != null) {
            conditions.add(CREATED_SINCE);
        }
        if (request.createdBefore() != null) {
            conditions.add(CREATED_BEFORE);
        }
        if (request.email() != null) {
            conditions.add(UserSort.EMAIL.key + " = lower(:email collate \"C\")");
        }
        if (request.q() != null) {
            // the index finds candidates, of which position() keeps those that contain the text
            conditions.add("user_trigrams(name, email) @@ user_trigram_query(:q)");
            conditions.add("(position(fold_case(:q) in fold_case(name)) > 0"
                    + " or position(fold_case(:q) in fold_case(email)) > 0)");
        }
        if (request.lastLoginAfter() != null) {
            conditions.add(UserSort.LAST_LOGIN.key + " >= :login_since");
        }
        if (request.lastLoginBefore() != null) {
            conditions.add(UserSort.LAST_LOGIN.key + " < :login_before");
        }
        return conditions;
    }

    /** Status and role in one condition; empty without such a filter. */
    String statusAndRole() {
        return Stream.of(in("status", request.status()), in("role", request.role()))
                .filter(condition -> !condition.isEmpty())
                .collect(Collectors.joining(" and "));
    }

    /** One condition for each combination of a status and a role; one empty condition without such a filter. */
    List<String> eachStatusAndRole() {
        List<String> combinations = new ArrayList<>();
        for (String status : each("status", request.status())) {
            for (String role : each("role", request.role())) {
                combinations.add(status + (status.isEmpty() || role.isEmpty() ? "" : " and ") + role);
            }
        }
        return combinations;
    }

    private static List<String> each(String column, @Nullable List<?> values) {
        return values == null
                ? List.of("")
                : values.stream().map(value -> in(column, List.of(value))).toList();
    }

    /**
     * Values as literals: the best index depends on how rare a role is, which PostgreSQL must know when it plans. The
     * request was validated, so these are names that exist; their characters are checked again against SQL injection.
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

    /** The lower bound for "after": clients see whole seconds, so all of the given second is excluded. */
    private static @Nullable OffsetDateTime nextSecond(@Nullable Instant after) {
        return after == null ? null : utc(after.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
    }

    /** The upper bound for "before", in whole seconds too. */
    private static @Nullable OffsetDateTime roundedUp(@Nullable Instant before) {
        return before == null ? null : utc(Rfc3339.roundUp(before));
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
