package dev.usersapi.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets a client that accepts {@code application/problem+json} receive successful responses as well. Clients generated from
 * the OpenAPI document send only this media type for operations of which they support no other media type.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 3)
class ProblemAcceptFilter extends OncePerRequestFilter {

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        List<String> lines = Collections.list(request.getHeaders(HttpHeaders.ACCEPT));
        chain.doFilter(acceptsProblems(lines) ? new AnyTypeAccepted(request, lines) : request, response);
    }

    private static boolean acceptsProblems(List<String> lines) {
        try {
            return MediaType.parseMediaTypes(lines).stream()
                    .anyMatch(range -> range.equalsTypeAndSubtype(MediaType.APPLICATION_PROBLEM_JSON)
                            && range.getQualityValue() > 0);
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    /** Accepts every media type, with a lower preference than those that the client named. */
    private static final class AnyTypeAccepted extends HttpServletRequestWrapper {

        private final String accept;

        AnyTypeAccepted(HttpServletRequest request, List<String> lines) {
            super(request);
            this.accept = String.join(", ", lines) + ", */*;q=0.001";
        }

        @Override
        public @Nullable String getHeader(String name) {
            return name.equalsIgnoreCase(HttpHeaders.ACCEPT) ? accept : super.getHeader(name);
        }

        @Override
        public Enumeration<String> getHeaders(String name) {
            return name.equalsIgnoreCase(HttpHeaders.ACCEPT)
                    ? Collections.enumeration(List.of(accept))
                    : super.getHeaders(name);
        }
    }
}
