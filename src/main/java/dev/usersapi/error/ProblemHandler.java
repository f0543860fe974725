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

/** Maps every exception of a controller or a filter to an {@link ErrorCode}, and writes the error body. */
@RestControllerAdvice
class ProblemHandler {

    private static final Logger log = LoggerFactory.getLogger(ProblemHandler.class);
    private static final long WARNING_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

    // query_canceled and lock_not_available by our time-outs, deadlock_detected, serialization_failure
    private static final Set<String> RETRYABLE_SQL_STATES = Set.of("57014", "55P03", "40P01", "40001");

    private final ProblemWriter writer;
    private final AtomicLong lastWarning = new AtomicLong(System.nanoTime() - WARNING_INTERVAL_NANOS);

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
            setAllow(standard.getHeaders().getAllow(), response);
            copyAcceptedTypes(standard.getHeaders(), response);
            writer.write(
                    request,
                    response,
                    ErrorCode.ofStatus(standard.getStatusCode().value()));
        } else if (failure instanceof RequestRejectedException) {
            writer.write(request, response, ErrorCode.INVALID_REQUEST, List.of(rejectedFieldFault(request)));
        } else if (failure instanceof InvalidParameterException) {
            writer.write(request, response, ErrorCode.INVALID_REQUEST, List.of(Fault.MALFORMED_QUERY));
        } else if (isWildcardContentType(request.getContentType(), failure)) {
            Fault fault =
                    Fault.inHeader(HttpHeaders.CONTENT_TYPE, "malformed_field", "must be one media type, without *");
            writer.write(request, response, ErrorCode.INVALID_REQUEST, List.of(fault));
        } else if (failure instanceof InvalidMimeTypeException) {
            writer.write(request, response, ErrorCode.NOT_ACCEPTABLE); // from Actuator, which parses Accept itself
        } else if (isClientGone(failure)) {
            log.debug("The client closed the connection");
        } else if (failure instanceof HttpMessageNotReadableException) {
            Fault fault = Fault.inBody("", "malformed_json", "is empty or incomplete");
            writer.write(request, response, ErrorCode.INVALID_REQUEST, List.of(fault));
        } else if (isRetryable(failure)) {
            writer.write(request, response, ErrorCode.BUSY);
        } else if (DatabaseOutage.isCauseOf(failure)) {
            warnOfOutage(failure);
            writer.write(request, response, ErrorCode.DATABASE_UNAVAILABLE);
        } else {
            log.error("Request failed", failure);
            writer.write(request, response, ErrorCode.INTERNAL_ERROR);
        }
    }

    /** At most once a second: during an outage, requests fail faster than a disk can write the log. */
    private void warnOfOutage(Throwable outage) {
        long now = System.nanoTime();
        long last = lastWarning.get();
        if (now - last >= WARNING_INTERVAL_NANOS && lastWarning.compareAndSet(last, now)) {
            log.warn("Database unavailable: {}", DatabaseOutage.rootMessage(outage));
        }
    }

    /** Finds the header field because of which the firewall of Spring Security has rejected the request. */
    private static Fault rejectedFieldFault(HttpServletRequest request) {
        HttpServletRequest raw = // the request of the firewall would throw again
                Objects.requireNonNullElse(WebUtils.getNativeRequest(request, RequestFacade.class), request);
        return Collections.list(raw.getHeaderNames()).stream()
                .filter(name ->
                        Collections.list(raw.getHeaders(name)).stream().anyMatch(ProblemHandler::hasIllegalCharacter))
                .findFirst()
                .map(name -> Fault.inHeader(name, "malformed_field", "must not have control characters"))
                .orElse(Fault.inMessage("malformed_message", "a header field has characters that are not allowed"));
    }

    private static boolean hasIllegalCharacter(String value) {
        return value.codePoints().anyMatch(c -> c != '\t' && (Character.isISOControl(c) || !Character.isDefined(c)));
    }

    /** Spring throws a plain {@link IllegalArgumentException} for {@code *} in {@code Content-Type}. */
    private static boolean isWildcardContentType(@Nullable String contentType, Throwable failure) {
        return failure instanceof IllegalArgumentException && contentType != null && contentType.contains("*");
    }

    /** Adds HEAD and OPTIONS, which Spring supports on each path but does not list. */
    private static void setAllow(Set<HttpMethod> methods, HttpServletResponse response) {
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

    /** The media types that would be accepted, for a 415 (RFC 9110 section 15.5.16, RFC 5789 section 2.2). */
    private static void copyAcceptedTypes(HttpHeaders standard, HttpServletResponse response) {
        for (String field : List.of(HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_PATCH)) {
            String mediaTypes = standard.getFirst(field);
            if (mediaTypes != null) {
                response.setHeader(field, mediaTypes);
            }
        }
    }

    private static boolean isRetryable(Throwable failure) {
        return DatabaseOutage.causes(failure)
                .anyMatch(cause -> cause instanceof SQLException sql
                        && RETRYABLE_SQL_STATES.contains(String.valueOf(sql.getSQLState())));
    }

    private static boolean isClientGone(Throwable failure) {
        return DatabaseOutage.causes(failure).anyMatch(ClientAbortException.class::isInstance);
    }
}
