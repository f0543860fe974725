package dev.usersapi.userlist;

import dev.usersapi.binding.EmailAddress;
import dev.usersapi.binding.OneOf;
import dev.usersapi.binding.TextNormalizer;
import dev.usersapi.role.ExistingRole;
import dev.usersapi.user.UserStatus;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of "Get All Users" in the API specification, and those that this service adds.
 *
 * @param page the page number, from 1; not together with {@code cursor}
 * @param cursor empty for the first page by cursor, then the {@code next_cursor} of the previous page; null for pages by
 *     number
 * @param sort a {@link UserSort} in lower case, with {@code -} in front for descending order
 * @param status the statuses that match; null for all
 * @param role the roles that match; null for all
 * @param q text that the name or the e-mail contains
 * @param createdAfter compared in whole seconds, because clients see whole seconds; so are the other three times
 */
@PageOrCursor
record ListUsersRequest(
        @Nullable @Min(value = 1, message = "must be at least 1")
        Integer page,

        @Min(value = 1, message = "must be at least 1") @Max(value = 100, message = "must be at most 100")
        Integer limit,

        @Nullable String cursor,

        @OneOf(
                allowed = {"created_at", "-created_at", "name", "-name", "email", "-email", "last_login", "-last_login"
                },
                message = "must be created_at, name, email or last_login, with - in front for descending order")
        String sort,

        @Nullable List<UserStatus> status,
        @Nullable List<@ExistingRole String> role,
        @EmailAddress @Nullable String email,

        @Pattern(regexp = "(?s)\\P{Cc}{1,100}", message = "must have 1 to 100 characters and no control characters")
        @Nullable
        String q,

        @Nullable Instant createdAfter,
        @Nullable Instant createdBefore,
        @Nullable Instant lastLoginAfter,
        @Nullable Instant lastLoginBefore) {

    private static final int DEFAULT_LIMIT = 20;
    private static final String NEWEST_FIRST = "-created_at";

    ListUsersRequest {
        limit = limit == null ? DEFAULT_LIMIT : limit;
        sort = sort == null ? NEWEST_FIRST : sort;
        // all statuses are the same as no filter
        status = status == null || status.containsAll(Arrays.asList(UserStatus.values()))
                ? null
                : status.stream().distinct().sorted().toList();
        role = role == null ? null : role.stream().distinct().sorted().toList();
        email = TextNormalizer.normalizeEmail(email);
        q = TextNormalizer.toAsciiDomain(TextNormalizer.compose(q)); // not trimmed: spaces are searched for too
    }

    /** Whether the counts in the database give the total: the only filters are status, role and time of creation. */
    boolean hasStoredTotal() {
        return email == null && q == null && lastLoginAfter == null && lastLoginBefore == null;
    }

    int pageNumber() {
        return page == null ? 1 : page;
    }

    /** The number of rows before the page, which exceeds an {@code int} for high page numbers. */
    long offset() {
        return (pageNumber() - 1L) * limit;
    }

    UserSort sortKey() {
        return UserSort.of(sort.replace("-", ""));
    }

    boolean isDescending() {
        return sort.startsWith("-");
    }

    /** Filters and sort order as a query string, which is equal for requests that list the same users in the same order. */
    String selection() {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("status", joined(status));
        parameters.put("role", joined(role));
        parameters.put("email", email == null ? "" : email.toLowerCase(Locale.ROOT));
        parameters.put("q", Objects.requireNonNullElse(q, ""));
        parameters.put("created_after", Objects.requireNonNullElse(createdAfter, ""));
        parameters.put("created_before", Objects.requireNonNullElse(createdBefore, ""));
        parameters.put("last_login_after", Objects.requireNonNullElse(lastLoginAfter, ""));
        parameters.put("last_login_before", Objects.requireNonNullElse(lastLoginBefore, ""));
        parameters.put("sort", sort.equals(NEWEST_FIRST) ? "" : sort);
        parameters.values().removeIf(""::equals);
        return parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "="
                        + URLEncoder.encode(parameter.getValue().toString(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    /** The values in lower case, separated by commas; empty for null. */
    static String joined(@Nullable List<?> values) {
        return values == null
                ? ""
                : values.stream()
                        .map(value -> value.toString().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(","));
    }
}
