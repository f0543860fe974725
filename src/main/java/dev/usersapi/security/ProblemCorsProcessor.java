package dev.usersapi.security;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemWriter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.cors.DefaultCorsProcessor;

/** Answers requests from origins that are not allowed with a problem document instead of Spring's plain text. */
class ProblemCorsProcessor extends DefaultCorsProcessor {

    private static final Logger log = LoggerFactory.getLogger(ProblemCorsProcessor.class);
    private static final long WARNING_INTERVAL_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MAX_LOGGED_LENGTH = 200;

    private final ProblemWriter writer;
    private final AtomicLong lastWarning = new AtomicLong(System.nanoTime() - WARNING_INTERVAL_NANOS);

    ProblemCorsProcessor(ProblemWriter writer) {
        this.writer = writer;
    }

    @Override
    public boolean processRequest(
            @Nullable CorsConfiguration configuration, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        boolean accepted = super.processRequest(configuration, request, response)
                && (configuration != null || !CorsUtils.isPreFlightRequest(request));
        if (!accepted) {
            String origin = request.getHeader(HttpHeaders.ORIGIN);
            if (configuration == null || configuration.checkOrigin(origin) == null) {
                warn(String.valueOf(origin));
            }
            writer.write(request, response, ErrorCode.ORIGIN_NOT_ALLOWED);
        }
        return accepted;
    }

    /** At most once a minute, because anybody can send any origin and could fill the log. */
    private void warn(String origin) {
        long now = System.nanoTime();
        long before = lastWarning.get();
        if (now - before >= WARNING_INTERVAL_NANOS && lastWarning.compareAndSet(before, now)) {
            String printable = origin.replaceAll("[^\\x20-\\x7E]", "?");
            log.warn(
                    "Refused a browser request from the origin {}, which users.cors.allowed-origins does not contain",
                    printable.substring(0, Math.min(printable.length(), MAX_LOGGED_LENGTH)));
        }
    }

    @Override
    protected void rejectRequest(ServerHttpResponse response) {
        // processRequest answers, because it knows the request
    }
}
