package dev.usersapi.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/**
 * One thing wrong with a request.
 *
 * @param pointer JSON Pointer into the body as a URI fragment (RFC 6901 section 6), or null
 * @param parameter name of the query parameter, or null
 * @param header name of the header field, or null
 * @param reason what is wrong; its members stand beside the others
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Fault(
        @Nullable String pointer,
        @Nullable String parameter,
        @Nullable String header,
        @JsonUnwrapped FaultReason reason) {

    public static final Fault MALFORMED_QUERY =
            inParameter("", "malformed_query", "the query string is not percent-encoded UTF-8");

    // a caller can choose the name, and in a pointer one character may become nine
    private static final int MAX_NAME_LENGTH = 64;

    /** A fault at a JSON Pointer such as {@code /settings/theme}; empty for the whole body. */
    public static Fault inBody(String path, FaultReason reason) {
        return new Fault("#" + UriUtils.encodeFragment(path, StandardCharsets.UTF_8), null, null, reason);
    }

    public static Fault inBody(String path, String code, String detail) {
        return inBody(path, new FaultReason(code, detail));
    }

    public static Fault inParameter(String name, FaultReason reason) {
        return new Fault(null, shortened(name), null, reason);
    }

    public static Fault inParameter(String name, String code, String detail) {
        return inParameter(name, new FaultReason(code, detail));
    }

    public static Fault inHeader(String name, String code, String detail) {
        return new Fault(null, null, name, new FaultReason(code, detail));
    }

    /** A fault of the request line, or of a field that is too broken to have a name. */
    static Fault inMessage(String code, String detail) {
        return new Fault(null, null, null, new FaultReason(code, detail));
    }

    private static String shortened(String name) {
        if (name.length() <= MAX_NAME_LENGTH) {
            return name;
        }
        int end = Character.isHighSurrogate(name.charAt(MAX_NAME_LENGTH - 1)) ? MAX_NAME_LENGTH - 1 : MAX_NAME_LENGTH;
        return name.substring(0, end) + "…";
    }

    /** The JSON Pointer of a member of the value at {@code path}; a long name is cut. */
    public static String member(String path, String name) {
        return path + "/" + shortened(name).replace("~", "~0").replace("/", "~1");
    }
}
