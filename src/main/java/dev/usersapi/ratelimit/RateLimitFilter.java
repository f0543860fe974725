package dev.usersapi.ratelimit;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import java.util.Set;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Counts each request against the limit of its caller or, without valid credentials, of its client address. Health checks
 * are not counted: otherwise other clients at the address of the orchestrator could make the service look dead.
 */
public class RateLimitFilter extends OncePerRequestFilter {

    private static final Set<String> HEALTH_PATHS =
            Set.of("/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness");

    private final RateLimits limits;

    public RateLimitFilter(RateLimits limits) {
        this.limits = limits;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return HEALTH_PATHS.contains(request.getServletPath());
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Principal caller = request.getUserPrincipal();
        if (caller == null) {
            limits.acquireForAddress(request, response);
        } else {
            limits.acquireForUser(caller.getName(), response);
        }
        chain.doFilter(request, response);
    }
}
