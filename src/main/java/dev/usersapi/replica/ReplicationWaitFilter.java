package dev.usersapi.replica;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Delays the answer to a change until reads from the replica show it. This happens after the transaction, so that the wait
 * holds a request thread but no database connection.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 3) // after ProblemFilter (+ 2), whose answers report no change
final class ReplicationWaitFilter extends OncePerRequestFilter {

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private final ReplicaLease lease;

    ReplicationWaitFilter(ReplicaLease lease) {
        this.lease = lease;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return SAFE_METHODS.contains(request.getMethod());
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ContentCachingResponseWrapper delayed = new ContentCachingResponseWrapper(response);
        chain.doFilter(request, delayed);
        if (delayed.getStatus() < 300) {
            lease.awaitVisibility();
        }
        delayed.copyBodyToResponse();
    }
}
