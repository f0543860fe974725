package dev.usersapi.user;

import dev.usersapi.binding.OneOf;
import dev.usersapi.binding.TextNormalizer;
import dev.usersapi.role.ExistingRole;
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
 * The query of the contract's "Get All Users", and what we answer beyond it.
 *
 * @param page from 1; not beside {@code cursor}
 * @param cursor empty for the start of a walk, then the {@code next_cursor} of the step before; null in page mode
 * @param sort a {@link UserSort} in lower case, after {@code -} in descending order
 * @param status any of them; null for all
 * @param role any of them; null for all
 * @param q part of the name or the e-mail
 * @param createdAfter compared in whole seconds, as they are shown; so are the other three
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

        @Pattern(
                regexp = "(?s)\\P{Cc}{1,100}",
                message = "must be 1 to 100 characters, none of them a control character")
        @Nullable
        String q,

        @Nullable Instant createdAfter,
        @Nullable Instant createdBefore,
        @Nullable Instant lastLoginAfter,
        @Nullable Instant lastLoginBefore) {

    private static final String NEWEST_FIRST = "-created_at";

    ListUsersRequest {
        limit = limit == null ? 20 : limit;
        sort = sort == null ? NEWEST_FIRST : sort;
        // all of them is no filter
        status = status == null || status.containsAll(Arrays.asList(UserStatus.values()))
                ? null
                : status.stream().distinct().sorted().toList();
        role = role == null ? null : role.stream().distinct().sorted().toList();
        email = TextNormalizer.normalizeEmail(email);
        q = TextNormalizer.toAsciiDomain(TextNormalizer.compose(q)); // blanks stand for themselves, too
    }

    boolean isWalk() {
        return cursor != null;
    }

    /** Whether the counts tell the total: there is no other filter than status, role and time of creation. */
    boolean isCounted() {
        return email == null && q == null && lastLoginAfter == null && lastLoginBefore == null;
    }

    int pageNumber() {
        return page == null ? 1 : page;
    }

    /** Rows before the page; beyond what an int holds for the last pages that the contract allows. */
    long offset() {
        return (pageNumber() - 1L) * limit;
    }

    UserSort sortKey() {
        return UserSort.of(sort.replace("-", ""));
    }

    boolean isDescending() {
        return sort.startsWith("-");
    }

    /** Filters and sort as a query string, the same for all requests that ask for the same users in the same order. */
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

    /** With commas between; empty for null. */
    static String joined(@Nullable List<?> values) {
        return values == null
                ? ""
                : values.stream()
                        .map(value -> value.toString().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(","));
    }
}
