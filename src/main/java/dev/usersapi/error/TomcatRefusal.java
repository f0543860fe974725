package dev.usersapi.error;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.catalina.connector.Request;
import org.apache.coyote.http11.Http11InputBuffer;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.http.parser.Host;
import org.apache.tomcat.util.res.StringManager;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Finds out why Tomcat refused a request. Tomcat passes on only the status and an exception. */
final class TomcatRefusal {

    private static final StringManager INPUT_MESSAGES = StringManager.getManager(Http11InputBuffer.class);
    private static final StringManager PARSER_MESSAGES = StringManager.getManager(Host.class);
    private static final StringManager FIELD_MESSAGES = StringManager.getManager(MimeHeaders.class);

    /** Details of faults, by the key of Tomcat's message. */
    private static final Map<String, String> REQUEST_LINE_FAULTS = Map.of(
            "iib.invalidmethod",
            "the method is not a token (RFC 9110 section 9.1)",
            "iib.invalidRequestTarget",
            "the path or the query has a character that must be percent-encoded (RFC 3986)",
            "iib.invalidHttpProtocol",
            "the request line must end with a version such as HTTP/1.1 (RFC 9112 section 3)");

    private TomcatRefusal() {}

    static ErrorCode code(Request request, int status, @Nullable Throwable failure) {
        if (status == 400 && failure != null && isTooLarge(request, String.valueOf(failure.getMessage()))) {
            boolean isRequestLineRead = !request.getCoyoteRequest().requestURI().isNull();
            return isRequestLineRead ? ErrorCode.HEADER_FIELDS_TOO_LARGE : ErrorCode.URI_TOO_LONG;
        }
        return ErrorCode.ofStatus(status);
    }

    private static boolean isTooLarge(Request request, String message) {
        int fields = request.getCoyoteRequest().getMimeHeaders().size();
        return message.equals(INPUT_MESSAGES.getString("iib.requestheadertoolarge.error"))
                || message.equals(FIELD_MESSAGES.getString("headers.maxCountFail", fields));
    }

    static List<Fault> faults(Request request, int status, @Nullable Throwable failure) {
        if (status == 417) {
            return List.of(Fault.inHeader(HttpHeaders.EXPECT, "unsupported_field", "must be 100-continue or absent"));
        }
        String message = failure == null ? "" : String.valueOf(failure.getMessage());
        for (Map.Entry<String, String> fault : REQUEST_LINE_FAULTS.entrySet()) {
            if (isMessage(INPUT_MESSAGES, fault.getKey(), message)) {
                return List.of(Fault.inMessage("malformed_message", fault.getValue()));
            }
        }
        if (isMessage(PARSER_MESSAGES, "httpHeaderParser.invalidHeader", message)) {
            return List.of(malformedField()); // alone, because Tomcat has not read the fields after this one
        }
        List<Fault> faults = new ArrayList<>();
        addHostFaults(request, faults);
        addFramingFaults(request, faults);
        if (faults.isEmpty() && status != 400) {
            faults.add(Fault.inMessage("unsupported_field", "a header field asks for something that is not supported"));
        } else if (faults.isEmpty() && failure != null) {
            faults.add(malformedField());
        } else if (faults.isEmpty()) {
            faults.add(Fault.inMessage(
                    "malformed_message",
                    "the request target is not a path with an optional query in percent-encoded UTF-8 (RFC 3986)"));
        }
        return faults;
    }

    private static Fault malformedField() {
        return Fault.inMessage(
                "malformed_message", "a header field is not a name, a colon and a value (RFC 9112 section 5)");
    }

    private static boolean isMessage(StringManager messages, String key, String message) {
        String template = String.valueOf(messages.getString(key));
        return message.startsWith(template.replaceFirst("\\{0}.*", ""));
    }

    private static void addHostFaults(Request request, List<Fault> faults) {
        List<String> hosts = Collections.list(request.getHeaders(HttpHeaders.HOST));
        if (hosts.isEmpty() && "HTTP/1.1".equals(request.getProtocol())) {
            faults.add(Fault.inHeader(HttpHeaders.HOST, "required", "is required in HTTP/1.1"));
        } else if (hosts.size() > 1) {
            faults.add(Fault.inHeader(HttpHeaders.HOST, "repeated_field", "must be sent once"));
        } else if (!hosts.isEmpty() && !isHost(hosts.get(0))) {
            faults.add(Fault.inHeader(HttpHeaders.HOST, "malformed_field", "must be a host name and an optional port"));
        }
    }

    private static boolean isHost(String host) {
        try {
            Host.parse(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void addFramingFaults(Request request, List<Fault> faults) {
        List<String> lengths = Collections.list(request.getHeaders(HttpHeaders.CONTENT_LENGTH));
        if (lengths.size() > 1) {
            faults.add(Fault.inHeader(HttpHeaders.CONTENT_LENGTH, "repeated_field", "must be sent once"));
        } else if (lengths.stream().anyMatch(length -> !length.matches("\\d{1,18}"))) {
            faults.add(Fault.inHeader(HttpHeaders.CONTENT_LENGTH, "malformed_field", "must be a number of bytes"));
        }
        List<String> codings = Collections.list(request.getHeaders(HttpHeaders.TRANSFER_ENCODING));
        boolean isValid = "HTTP/1.1".equals(request.getProtocol())
                && codings.size() == 1
                && codings.get(0).equalsIgnoreCase("chunked");
        if (!codings.isEmpty() && !isValid) {
            faults.add(Fault.inHeader(
                    HttpHeaders.TRANSFER_ENCODING, "malformed_field", "must be chunked, and is only for HTTP/1.1"));
        }
    }
}
