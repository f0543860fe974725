package dev.usersapi.error;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.springframework.http.HttpStatus;

/**
 * Every error that the API can answer, with its HTTP status and texts. The codes are part of the API and never change.
 *
 * <p>{@code detail} is a short summary: for the errors in the table "Error Codes" of the API specification, the text of that table.
 * {@code explanation} tells the caller what happened and what to do.
 */
public enum ErrorCode {
    INVALID_REQUEST(400, "Invalid parameters", "The request is not valid. `errors` lists every fault and where it is."),
    UNAUTHENTICATED(
            401,
            "Authentication required",
            "The request needs an access token or an API key: `Authorization: Bearer <token>`."),
    INVALID_TOKEN(
            401,
            "Authentication required",
            "The token or API key is malformed, expired or revoked, or its user is no longer active. Log in again, "
                    + "refresh the access token, or use another API key."),
    INVALID_CREDENTIALS(
            401,
            "Authentication required",
            "The e-mail address or the password is wrong, or the account is not active. The response does not say "
                    + "which."),
    SECOND_FACTOR_REQUIRED(
            401,
            "Authentication required",
            "E-mail address and password are correct. Log in again and add `code`: a current, unused code of the "
                    + "second factor, or a recovery code."),
    INVALID_SECOND_FACTOR(
            401,
            "Authentication required",
            "E-mail address and password are correct, but `code` is not the current code of the second factor, or it "
                    + "was used before. Wait for the next code, or use a recovery code."),
    INSUFFICIENT_PERMISSIONS(
            403,
            "Insufficient permissions",
            "The caller lacks the permission for this request, or the user or role to change has permissions that the "
                    + "caller does not have."),
    OWN_ROLE_OR_STATUS(403, "Insufficient permissions", "Users cannot change their own role or status."),
    OWN_EMAIL(
            403,
            "Insufficient permissions",
            "To change your own e-mail address, use `POST /api/v1/users/me/email` with your password, then confirm "
                    + "the new address."),
    OWN_ACCOUNT(
            403,
            "Insufficient permissions",
            "Users cannot delete their own account or clear its failed logins. To disable your own second factor, use "
                    + "`POST /api/v1/users/me/totp/disable` with password and code."),
    SESSION_REQUIRED(
            403,
            "Insufficient permissions",
            "This request needs the access token of a login. It accepts neither API keys nor tokens of trusted "
                    + "issuers."),
    WRONG_PASSWORD(403, "Insufficient permissions", "The password is not the current password of the account."),
    WRONG_CODE(
            403,
            "Insufficient permissions",
            "The code is not the current code of the second factor, or it was used before."),
    ORIGIN_NOT_ALLOWED(
            403,
            "Insufficient permissions",
            "The origin is not listed in `users.cors.allowed-origins`, or the preflight request names a method or a "
                    + "header field that cross-origin requests may not use."),
    USER_NOT_FOUND(404, "User does not exist", "No user has this id."),
    SESSION_NOT_FOUND(404, "Session does not exist", "The user has no session with this id."),
    API_KEY_NOT_FOUND(404, "API key does not exist", "No API key has this id."),
    ROLE_NOT_FOUND(404, "Role does not exist", "No role has this name."),
    SIGNING_KEY_NOT_FOUND(404, "Signing key does not exist", "No signing key has this id."),
    NOT_FOUND(404, "Resource does not exist", "No resource has this path. Paths are matched exactly."),
    METHOD_NOT_ALLOWED(405, "Method is not supported here", "The `Allow` header field lists the methods of this path."),
    NOT_ACCEPTABLE(
            406,
            "No accepted media type is available",
            "`Accept` must allow the media type of the response: `application/json`, or `text/plain` for metrics. "
                    + "`application/problem+json` is accepted everywhere."),
    REQUEST_TIMEOUT(408, "Request took too long to arrive", "Send the whole request without long pauses."),
    EMAIL_TAKEN(
            409,
            "Email already in use",
            "Another user has this e-mail address. Upper and lower case are not distinguished."),
    LAST_ADMIN(
            409,
            "Last active admin",
            "The only active admin cannot be demoted, deactivated or deleted. Give another active user the role "
                    + "`admin` first."),
    USER_NOT_PENDING(409, "User is not pending", "Only a user with the status `pending` can be invited."),
    USER_NOT_ACTIVE(409, "User is not active", "The mail for a new password is sent to active users only."),
    TOO_MANY_API_KEYS(409, "Too many API keys", "A user has at most 100 API keys. Delete one that is no longer used."),
    ROLE_TAKEN(409, "Role already exists", "Another role has this name."),
    TOO_MANY_ROLES(409, "Too many roles", "There are at most 1,000 roles. Delete one that no user has."),
    ROLE_IN_USE(409, "Role is in use", "At least one user has this role. Give these users another role first."),
    ROLE_PROTECTED(
            409,
            "Role is protected",
            "The role `admin` always has every permission. Neither `admin` nor `member`, the role of new users, can "
                    + "be deleted."),
    SIGNING_KEY_IN_USE(
            409,
            "Signing key is in use",
            "This key signs access tokens now, and there is no next key. Create a new key first, then delete this "
                    + "one."),
    NEXT_SIGNING_KEY_EXISTS(
            409,
            "Next signing key exists",
            "There is already a next key. It starts to sign at its `signs_from`, or when the current key is deleted."),
    SIGNING_KEY_CONFIGURED(
            409,
            "Signing key is configured",
            "The operator has configured the signing key. It can only be changed in the configuration."),
    TOTP_ENABLED(409, "Second factor is enabled", "The account already has a second factor. Disable it first."),
    TOTP_NOT_ENABLED(409, "Second factor is not enabled", "The account has no second factor to confirm or to disable."),
    IDEMPOTENCY_KEY_IN_USE(
            409,
            1,
            "Idempotency key is in use",
            "The first request with this `Idempotency-Key` is still running. Retry after the seconds in "
                    + "`Retry-After`."),
    PRECONDITION_FAILED(
            412,
            "Precondition failed",
            "The user has changed since the version in `If-Match`, or the current version is listed in "
                    + "`If-None-Match`. Read the user again, then decide."),
    CONTENT_TOO_LARGE(413, "Request body is too large", "A request body has at most 65,536 bytes."),
    URI_TOO_LONG(
            414,
            "Request line is too long",
            "Together, the request line and the header fields may have at most 8 KiB, unless the operator has set "
                    + "another limit. Shorten the path or the query."),
    UNSUPPORTED_MEDIA_TYPE(
            415,
            "Only JSON is accepted",
            "Send the body as `application/json`, for PATCH as `application/merge-patch+json` or `application/json`, in "
                    + "UTF-8, without `Content-Encoding`."),
    IDEMPOTENCY_KEY_REUSED(
            422,
            "Idempotency key was used with another body",
            "This `Idempotency-Key` was used before, by a request with another body. Each new request needs a new "
                    + "key."),
    PRECONDITION_REQUIRED(
            428,
            "Precondition required",
            "The operator requires `If-Match` for changes: send the `ETag` of the version to change, or `*` to change "
                    + "any version."),
    RATE_LIMITED(429, "Rate limit exceeded", "Wait the number of seconds in `Retry-After`."),
    TOO_MANY_ATTEMPTS(
            429,
            "Rate limit exceeded",
            "After wrong passwords or codes, wait the number of seconds in `Retry-After` before the next attempt. "
                    + "This attempt was not checked."),
    HEADER_FIELDS_TOO_LARGE(
            431,
            "Request header fields are too large",
            "Together, the request line and the header fields, cookies included, may have at most 8 KiB, and there "
                    + "may be at most 100 fields, unless the operator has set other limits."),
    INTERNAL_ERROR(500, "Internal error", "The service failed. Quote `request_id` when you report the error."),
    NOT_IMPLEMENTED(501, "Not implemented", "The service does not support this method or transfer coding."),
    BUSY(
            503,
            1,
            "Service is busy",
            "The service has too much work, another request is changing the same data, or a search took too long. "
                    + "Retry after the seconds in `Retry-After`."),
    DATABASE_UNAVAILABLE(503, 2, "Database is unavailable", "The database does not answer. Try again shortly."),
    ISSUER_UNAVAILABLE(
            503,
            5,
            "Issuer is unavailable",
            "The issuer of the token does not provide its keys now, so the token cannot be checked. Try again "
                    + "shortly."),
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

    /** The code of an error of which only the status is known, for example because Tomcat raised it. */
    static ErrorCode ofStatus(int status) {
        if (status == 404) {
            return NOT_FOUND; // and not USER_NOT_FOUND, the first code with this status
        }
        return Arrays.stream(values())
                .filter(code -> code.status.value() == status)
                .findFirst()
                .orElse(status >= 500 ? INTERNAL_ERROR : INVALID_REQUEST);
    }

    /** The code whose {@code type} ends with this segment, such as {@code email-taken}. */
    static Optional<ErrorCode> ofSlug(String slug) {
        return Arrays.stream(values()).filter(code -> code.slug().equals(slug)).findFirst();
    }

    public HttpStatus status() {
        return status;
    }

    /** The machine-readable form in error bodies, such as {@code email_taken}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    String slug() {
        return code().replace('_', '-');
    }

    /** The problem type (RFC 9457 section 3.1.1), a URI relative to the service. */
    String type() {
        return "/problems/" + slug();
    }

    String detail() {
        return detail;
    }

    String explanation() {
        return explanation;
    }

    /** Seconds for {@code Retry-After}; 0 for a response without this field. */
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
