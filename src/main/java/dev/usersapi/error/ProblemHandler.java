package dev.usersapi.error;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.connector.RequestFacade;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.util.InvalidMimeTypeException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.util.WebUtils;

/** Turns whatever a request throws, in a controller or in a filter, into its error code. */
@RestControllerAdvice
class ProblemHandler {

    private static final Logger log = LoggerFactory.getLogger(ProblemHandler.class);
    private static final Set<String> GIVEN_UP = Set.of("57014", "55P03", "40P01", "40001");
    private static final long BETWEEN_WARNINGS = Duration.ofSeconds(1).toNanos();

    private final ProblemWriter writer;
    private final AtomicLong warned = new AtomicLong(System.nanoTime() - BETWEEN_WARNINGS);

    ProblemHandler(ProblemWriter writer) {
        this.writer = writer;
    }

    @ExceptionHandler
    void handle(Throwable failure, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (failure instanceof ProblemException refusal) {
            if (refusal.retryAfterSeconds() > 0) {
                response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(refusal.retryAfterSeconds()));
            }
            writer.write(request, response, refusal.code(), refusal.explanation(), refusal.faults());
        } else if (failure instanceof ErrorResponse standard) {
            tellAllowed(standard.getHeaders().getAllow(), response);
            tellAccepted(standard.getHeaders(), response);
            writer.write(
                    request,
                    response,
                    ErrorCode.ofStatus(standard.getStatusCode().value()));
        } else if (failure instanceof RequestRejectedException) {
            writer.write(request, response, ErrorCode.INVALID_REQUEST, List.of(rejectedField(request)));
        } else if (failure instanceof InvalidParameterException) {
            writer.write(request, response, ErrorCode.INVALID_REQUEST, List.of(Fault.MALFORMED_QUERY));
        } else if (isWildcard(request.getContentType(), failure)) {
            Fault fault =
                    Fault.inHeader(HttpHeaders.CONTENT_TYPE, "malformed_field", "must be one media type, without *");
            writer.write(request, response, ErrorCode.INVALID_REQUEST, List.of(fault));
        } else if (failure instanceof InvalidMimeTypeException) {
            writer.write(request, response, ErrorCode.NOT_ACCEPTABLE); // Actuator reads Accept by itself
        } else if (isClientGone(failure)) {
            log.debug("The client went away");
        } else if (failure instanceof HttpMessageNotReadableException) {
            Fault fault = Fault.inBody("", "malformed_json", "is empty or did not arrive whole");
            writer.write(request, response, ErrorCode.INVALID_REQUEST, List.of(fault));
        } else if (isGivenUp(failure)) {
            writer.write(request, response, ErrorCode.BUSY);
        } else if (DatabaseOutage.isBehind(failure)) {
            warn(failure);
            writer.write(request, response, ErrorCode.DATABASE_UNAVAILABLE);
        } else {
            log.error("Request failed", failure);
            writer.write(request, response, ErrorCode.INTERNAL_ERROR);
        }
    }

    /** Not of each request: while the database is away they are refused faster than a disk takes the log. */
    private void warn(Throwable outage) {
        long now = System.nanoTime();
        long before = warned.get();
        if (now - before >= BETWEEN_WARNINGS && warned.compareAndSet(before, now)) {
            log.warn("Database unavailable: {}", DatabaseOutage.message(outage));
        }
    }

    /** Names the header field because of which Spring Security's firewall rejects a request. */
    private static Fault rejectedField(HttpServletRequest request) {
        HttpServletRequest raw = // the firewall's own would throw again
                Objects.requireNonNullElse(WebUtils.getNativeRequest(request, RequestFacade.class), request);
        return Collections.list(raw.getHeaderNames()).stream()
                .filter(name -> Collections.list(raw.getHeaders(name)).stream().anyMatch(ProblemHandler::isUnreadable))
                .findFirst()
                .map(name -> Fault.inHeader(name, "malformed_field", "must not have control characters"))
                .orElse(Fault.inMessage("malformed_message", "a header field has characters that are not allowed"));
    }

    private static boolean isUnreadable(String value) {
        return value.codePoints().anyMatch(c -> c != '\t' && (Character.isISOControl(c) || !Character.isDefined(c)));
    }

    /** Spring asserts that a {@code Content-Type} has none, wherever it copies the fields, such as for CORS. */
    private static boolean isWildcard(@Nullable String contentType, Throwable failure) {
        return failure instanceof IllegalArgumentException && contentType != null && contentType.contains("*");
    }

    /** Spring answers HEAD and OPTIONS as well, but does not list them. */
    private static void tellAllowed(Set<HttpMethod> methods, HttpServletResponse response) {
        if (!methods.isEmpty()) {
            Stream<HttpMethod> added = methods.contains(HttpMethod.GET)
                    ? Stream.of(HttpMethod.HEAD, HttpMethod.OPTIONS)
                    : Stream.of(HttpMethod.OPTIONS);
            String allowed = Stream.concat(methods.stream(), added)
                    .map(HttpMethod::name)
                    .distinct()
                    .sorted()
                    .collect(Collectors.joining(", "));
            response.setHeader(HttpHeaders.ALLOW, allowed);
        }
    }

    /** Which media types a 415 would have accepted (RFC 9110 section 15.5.16, RFC 5789 section 2.2). */
    private static void tellAccepted(HttpHeaders standard, HttpServletResponse response) {
        for (String field : List.of(HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_PATCH)) {
            String mediaTypes = standard.getFirst(field);
            if (mediaTypes != null) {
                response.setHeader(field, mediaTypes);
            }
        }
    }

    /**
     * PostgreSQL's query_canceled and lock_not_available, at the end of the time that a search or a lock may take; and
     * deadlock_detected and serialization_failure, of which the other transaction goes on.
     */
    private static boolean isGivenUp(Throwable failure) {
        return DatabaseOutage.causes(failure)
                .anyMatch(cause ->
                        cause instanceof SQLException sql && GIVEN_UP.contains(String.valueOf(sql.getSQLState())));
    }

    private static boolean isClientGone(Throwable failure) {
        return DatabaseOutage.causes(failure).anyMatch(ClientAbortException.class::isInstance);
    }
}
