package dev.usersapi.error;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.springframework.http.HttpStatus;

/**
 * Every error the service can answer. The strings are part of the API and never change.
 *
 * <p>{@code detail} is what the contract's "Error Codes" table says where it speaks of the status, and the same for all
 * codes of that status; {@code explanation} tells them apart.
 */
public enum ErrorCode {
    INVALID_REQUEST(400, "Invalid parameters", "The request breaks a rule. `errors` names every fault with its place."),
    UNAUTHENTICATED(
            401,
            "Authentication required",
            "The call needs an access token or an API key: `Authorization: Bearer <token>`."),
    INVALID_TOKEN(
            401,
            "Authentication required",
            "The token or key is malformed, expired or ended, or its user is not active any more. Log in or refresh again, "
                    + "or use another key."),
    INVALID_CREDENTIALS(
            401,
            "Authentication required",
            "The e-mail or the password is wrong, or the account is not active. The answer does not tell which."),
    SECOND_FACTOR_REQUIRED(
            401,
            "Authentication required",
            "E-mail and password are right. Log in again with `code`: one that the second factor shows now and that was "
                    + "not used before, or a recovery code."),
    INVALID_SECOND_FACTOR(
            401,
            "Authentication required",
            "E-mail and password are right, but `code` is not what the second factor shows now, or was used before. Wait "
                    + "for the next code, or use a recovery code."),
    INSUFFICIENT_PERMISSIONS(
            403,
            "Insufficient permissions",
            "The caller lacks a permission for this call, or the user or role concerned has permissions that the "
                    + "caller does not hold."),
    OWN_ROLE_OR_STATUS(403, "Insufficient permissions", "Nobody changes their own role or status."),
    OWN_EMAIL(
            403,
            "Insufficient permissions",
            "One's own e-mail is changed with the password and a confirmation: `POST /api/v1/users/me/email`."),
    OWN_ACCOUNT(
            403,
            "Insufficient permissions",
            "Nobody deletes their own account or clears its failed log-ins. One's own second factor goes with password and "
                    + "code: `POST /api/v1/users/me/totp/disable`."),
    SESSION_REQUIRED(
            403,
            "Insufficient permissions",
            "Only a log-in of the account's own user may do this, not an API key or another issuer's token."),
    WRONG_PASSWORD(403, "Insufficient permissions", "The password that was sent is not that of the account."),
    WRONG_CODE(
            403,
            "Insufficient permissions",
            "The code is not one that the second factor shows now, or was used before."),
    ORIGIN_NOT_ALLOWED(
            403,
            "Insufficient permissions",
            "The origin is not listed in `users.cors.allowed-origins`, or a preflight asks for a method or a header field "
                    + "that pages may not use."),
    USER_NOT_FOUND(404, "User does not exist", "No user has this id."),
    SESSION_NOT_FOUND(404, "Session does not exist", "The user has no session with this id."),
    API_KEY_NOT_FOUND(404, "API key does not exist", "No API key has this id."),
    ROLE_NOT_FOUND(404, "Role does not exist", "No role has this name."),
    SIGNING_KEY_NOT_FOUND(404, "Signing key does not exist", "No signing key has this id."),
    NOT_FOUND(404, "Resource does not exist", "Nothing is served at this path. Paths are matched exactly."),
    METHOD_NOT_ALLOWED(405, "Method is not supported here", "The `Allow` field lists the methods of this path."),
    NOT_ACCEPTABLE(
            406,
            "No accepted media type is available",
            "`Accept` must allow what is served here: `application/json`, and `text/plain` for metrics. "
                    + "`application/problem+json` is accepted everywhere."),
    REQUEST_TIMEOUT(408, "Request took too long to arrive", "Send the whole request without long pauses."),
    EMAIL_TAKEN(409, "Email already in use", "Another user has this e-mail, compared without regard to case."),
    LAST_ADMIN(
            409,
            "Last active admin",
            "The only active admin cannot be demoted, deactivated or deleted. Make another one first."),
    USER_NOT_PENDING(409, "User is not pending", "Only a user with the status `pending` can be invited."),
    USER_NOT_ACTIVE(409, "User is not active", "Only an active user can be sent a link to set a new password."),
    TOO_MANY_API_KEYS(409, "Too many API keys", "A user has at most 100 API keys. Delete one that is not used."),
    ROLE_TAKEN(409, "Role already exists", "Another role has this name."),
    TOO_MANY_ROLES(409, "Too many roles", "There are at most 1,000 roles. Delete one that nobody has."),
    ROLE_IN_USE(409, "Role is in use", "Some user has the role. Give all of them another one first."),
    ROLE_PROTECTED(
            409,
            "Role is protected",
            "The role `admin` always has every permission, and it and the role of new users, `member`, always exist."),
    SIGNING_KEY_IN_USE(
            409,
            "Signing key is in use",
            "The key signs access tokens now and there is no next one. Make a new one, then delete this one."),
    NEXT_SIGNING_KEY_EXISTS(
            409,
            "Next signing key exists",
            "A new key waits already. It takes over at its `signs_from`, or when the current one is deleted."),
    SIGNING_KEY_CONFIGURED(
            409,
            "Signing key is configured",
            "The operator set the signing key, so it changes with the setting alone."),
    TOTP_ENABLED(409, "Second factor is enabled", "The account has a second factor already. Disable it first."),
    TOTP_NOT_ENABLED(409, "Second factor is not enabled", "The account has no second factor to confirm or to disable."),
    IDEMPOTENCY_KEY_IN_USE(
            409,
            1,
            "Idempotency key is in use",
            "The first request with this `Idempotency-Key` is still running. Send it again after `Retry-After`."),
    PRECONDITION_FAILED(
            412,
            "Precondition failed",
            "The user has changed since the `ETag` in `If-Match`, or still has the one in `If-None-Match`. Get the user "
                    + "again, then decide."),
    CONTENT_TOO_LARGE(413, "Request body is too large", "A request body has at most 65,536 bytes."),
    URI_TOO_LONG(
            414,
            "Request line is too long",
            "The request line and the header fields have at most 8 KiB together, unless the operator set another limit. "
                    + "Shorten the path or the query."),
    UNSUPPORTED_MEDIA_TYPE(
            415,
            "Only JSON is accepted",
            "Send the body as `application/json`, for PATCH as `application/merge-patch+json` or `application/json`, in "
                    + "UTF-8, without `Content-Encoding`."),
    IDEMPOTENCY_KEY_REUSED(
            422,
            "Idempotency key was used with another body",
            "A request with this `Idempotency-Key` and another body was answered. Each new request needs a new key."),
    PRECONDITION_REQUIRED(
            428,
            "Precondition required",
            "The operator demands `If-Match`: send the `ETag` of the user whom you mean to change, or `*` to change them "
                    + "whatever has happened meanwhile."),
    RATE_LIMITED(429, "Rate limit exceeded", "Wait as many seconds as `Retry-After` says."),
    TOO_MANY_ATTEMPTS(
            429,
            "Rate limit exceeded",
            "After wrong passwords or codes the next attempt must wait as long as `Retry-After` says. It was not looked "
                    + "at."),
    HEADER_FIELDS_TOO_LARGE(
            431,
            "Request header fields are too large",
            "The request line and the header fields, cookies among them, have at most 8 KiB together and the fields are at "
                    + "most 100, unless the operator set other limits."),
    INTERNAL_ERROR(500, "Internal error", "The service failed. Quote `request_id` when you report it."),
    NOT_IMPLEMENTED(501, "Not implemented", "The transfer coding or method is not known to the service."),
    BUSY(
            503,
            1,
            "Service is busy",
            "Too much work is waiting, others are changing the same, or a search took too long. Try again after"
                    + " `Retry-After`."),
    DATABASE_UNAVAILABLE(503, 2, "Database is unavailable", "The database does not answer. Try again shortly."),
    ISSUER_UNAVAILABLE(
            503,
            5,
            "Issuer is unavailable",
            "The issuer of the token does not tell its keys now, so the token cannot be checked. Try again shortly."),
    HTTP_VERSION_NOT_SUPPORTED(505, "HTTP version is not supported", "Use HTTP/1.1.");

    private final HttpStatus status;
    private final int retryAfterSeconds;
    private final String detail;
    private final String explanation;

    ErrorCode(int status, String detail, String explanation) {
        this(status, 0, detail, explanation);
    }

    ErrorCode(int status, int retryAfterSeconds, String detail, String explanation) {
        this.status = HttpStatus.valueOf(status);
        this.retryAfterSeconds = retryAfterSeconds;
        this.detail = detail;
        this.explanation = explanation;
    }

    /** The code for an error known by its status alone, such as one that the container raised. */
    static ErrorCode ofStatus(int status) {
        if (status == 404) {
            return NOT_FOUND; // not the user's: the path is unknown
        }
        return Arrays.stream(values())
                .filter(code -> code.status.value() == status)
                .findFirst()
                .orElse(status >= 500 ? INTERNAL_ERROR : INVALID_REQUEST);
    }

    /** By the last segment of {@code type}, such as {@code email-taken}. */
    static Optional<ErrorCode> ofSlug(String slug) {
        return Arrays.stream(values()).filter(code -> code.slug().equals(slug)).findFirst();
    }

    public HttpStatus status() {
        return status;
    }

    /** The stable, machine-readable string, such as {@code email_taken}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    String slug() {
        return code().replace('_', '-');
    }

    /** RFC 9457 section 3.1.1, relative to the service. */
    String type() {
        return "/problems/" + slug();
    }

    String detail() {
        return detail;
    }

    String explanation() {
        return explanation;
    }

    /** Seconds for {@code Retry-After}; 0 where the answer carries none. */
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
