package dev.usersapi.security;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemWriter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.DefaultCorsProcessor;

/** Refuses a foreign origin with our error body instead of Spring's plain text. */
class ProblemCorsProcessor extends DefaultCorsProcessor {

    private final ProblemWriter writer;

    ProblemCorsProcessor(ProblemWriter writer) {
        this.writer = writer;
    }

    @Override
    public boolean processRequest(
            @Nullable CorsConfiguration configuration, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        boolean accepted = super.processRequest(configuration, request, response);
        if (!accepted) {
            writer.write(request, response, ErrorCode.ORIGIN_NOT_ALLOWED);
        }
        return accepted;
    }

    @Override
    protected void rejectRequest(ServerHttpResponse response) {
        // answered above, where the request is known too
    }
}
