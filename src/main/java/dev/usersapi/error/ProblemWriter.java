package dev.usersapi.error;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes every error body of the service: problem details (RFC 9457) with the extension members {@code code},
 * {@code explanation}, {@code request_id} and, for 400, {@code errors}.
 */
@Component
public class ProblemWriter {

    private static final List<Fault> MALFORMED_MESSAGE =
            List.of(Fault.inMessage("malformed_message", "the request cannot be read (RFC 9112)"));

    private final JsonMapper mapper;

    ProblemWriter(JsonMapper mapper) {
        this.mapper = mapper;
    }

    public void write(HttpServletRequest request, HttpServletResponse response, ErrorCode code) throws IOException {
        write(request, response, code, List.of());
    }

    void write(HttpServletRequest request, HttpServletResponse response, ErrorCode code, List<Fault> faults)
            throws IOException {
        write(request, response, code, code.explanation(), faults);
    }

    void write(
            HttpServletRequest request,
            HttpServletResponse response,
            ErrorCode code,
            String explanation,
            List<Fault> faults)
            throws IOException {
        if (response.isCommitted()) {
            return;
        }
        response.resetBuffer();
        response.setStatus(code.status().value());
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (code.retryAfterSeconds() > 0 && !response.containsHeader(HttpHeaders.RETRY_AFTER)) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Integer.toString(code.retryAfterSeconds()));
        }
        if (code.status() == HttpStatus.UNAUTHORIZED) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, challenge(code));
        }
        byte[] body = mapper.writeValueAsBytes(body(request, response, code, explanation, faults));
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.setContentLength(body.length);
        if (!"HEAD".equals(request.getMethod())) {
            response.getOutputStream().write(body);
        }
    }

    /** The {@code error} attribute is sent only if the request had a token (RFC 6750 section 3). */
    private static String challenge(ErrorCode code) {
        return code == ErrorCode.INVALID_TOKEN
                ? "Bearer error=\"invalid_token\", error_description=\"The token is not valid\""
                : "Bearer";
    }

    private static Map<String, Object> body(
            HttpServletRequest request,
            HttpServletResponse response,
            ErrorCode code,
            String explanation,
            List<Fault> faults) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", code.type());
        body.put("title", code.status().getReasonPhrase());
        body.put("status", code.status().value());
        body.put("detail", code.detail());
        String path = request.getRequestURI();
        body.put("instance", path == null ? "" : path);
        body.put("code", code.code());
        body.put("explanation", explanation);
        body.put("request_id", RequestId.assign(request, response));
        if (code.status().value() == 400) {
            body.put("errors", faults.isEmpty() ? MALFORMED_MESSAGE : faults);
        }
        return body;
    }
}
