package dev.usersapi.error;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Writes the error body for exceptions of the filters after it, as {@link ProblemHandler} does for controllers. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2) // after the observation filter (+ 1), so that this one records the status
class ProblemFilter extends OncePerRequestFilter {

    private final ProblemHandler handler;

    ProblemFilter(ProblemHandler handler) {
        this.handler = handler;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException {
        try {
            chain.doFilter(request, response);
        } catch (ServletException e) {
            handler.handle(e.getRootCause() == null ? e : e.getRootCause(), request, response);
        } catch (IOException | RuntimeException e) {
            handler.handle(e, request, response);
        }
    }
}
