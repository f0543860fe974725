package dev.usersapi.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/**
 * One fault of a request, as an element of {@code errors} in an error body.
 *
 * @param pointer JSON Pointer into the body as a URI fragment (RFC 6901 section 6), or null
 * @param parameter name of the query parameter, or null
 * @param header name of the header field, or null
 * @param reason what is wrong; in JSON, its members are members of the fault
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Fault(
        @Nullable String pointer,
        @Nullable String parameter,
        @Nullable String header,
        @JsonUnwrapped FaultReason reason) {

    public static final Fault MALFORMED_QUERY =
            inParameter("", "malformed_query", "the query string is not percent-encoded UTF-8");

    // the caller chooses the name, and percent-encoding makes up to nine characters of one
    private static final int MAX_NAME_LENGTH = 64;

    /**
     * A fault in the body.
     *
     * @param path JSON Pointer such as {@code /settings/theme}; empty for the whole body
     */
    public static Fault inBody(String path, FaultReason reason) {
        return new Fault("#" + UriUtils.encodeFragment(path, StandardCharsets.UTF_8), null, null, reason);
    }

    public static Fault inBody(String path, String code, String detail) {
        return inBody(path, new FaultReason(code, detail));
    }

    public static Fault inParameter(String name, FaultReason reason) {
        return new Fault(null, abbreviate(name, MAX_NAME_LENGTH), null, reason);
    }

    public static Fault inParameter(String name, String code, String detail) {
        return inParameter(name, new FaultReason(code, detail));
    }

    public static Fault inHeader(String name, String code, String detail) {
        return new Fault(null, null, name, new FaultReason(code, detail));
    }

    /** A fault in the request line, or in a header field whose name cannot be read. */
    static Fault inMessage(String code, String detail) {
        return new Fault(null, null, null, new FaultReason(code, detail));
    }

    /** The JSON Pointer of a member of the value at {@code path}; a long name is abbreviated. */
    public static String member(String path, String name) {
        return path + "/" + abbreviate(name, MAX_NAME_LENGTH).replace("~", "~0").replace("/", "~1");
    }

    /** Cuts a text that is longer than the maximum, never inside a surrogate pair, and appends an ellipsis. */
    public static String abbreviate(String text, int maxLength) {
        if (text.length() <= maxLength) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
        return text.substring(0, end) + "…";
    }
}
