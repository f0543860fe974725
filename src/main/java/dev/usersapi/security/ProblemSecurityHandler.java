package dev.usersapi.security;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.error.ProblemWriter;
import dev.usersapi.ratelimit.RateLimits;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorityAuthorizationDecision;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.stereotype.Component;

/** Writes the error responses for requests that the filter chain refuses. */
@Component
class ProblemSecurityHandler implements AuthenticationEntryPoint, AccessDeniedHandler, RequestRejectedHandler {

    private final ProblemWriter writer;
    private final RateLimits limits;
    private final HttpFirewall firewall;

    ProblemSecurityHandler(ProblemWriter writer, RateLimits limits, HttpFirewall firewall) {
        this.writer = writer;
        this.limits = limits;
        this.firewall = firewall;
    }

    @Override
    public void commence(HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
            throws IOException {
        if (failure instanceof OAuth2AuthenticationException) {
            limits.acquireForAddress(request, response); // the rate limit filter comes after the token filter
            if (failure.getCause() instanceof ProblemException reason) {
                throw reason;
            }
            writer.write(request, response, ErrorCode.INVALID_TOKEN);
        } else {
            boolean unknownPath = code(failure.getCause()) == ErrorCode.NOT_FOUND;
            writer.write(request, response, unknownPath ? ErrorCode.NOT_FOUND : ErrorCode.UNAUTHENTICATED);
        }
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException denial)
            throws IOException {
        writer.write(request, response, code(denial));
    }

    /** Answers 404 if the firewall refuses the path. The exception handler of the application answers all others. */
    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, RequestRejectedException rejection)
            throws IOException {
        if (!isPathRefused(request)) {
            throw rejection;
        }
        writer.write(request, response, ErrorCode.NOT_FOUND);
    }

    private static ErrorCode code(@Nullable Throwable denial) {
        AuthorizationResult result =
                denial instanceof AuthorizationDeniedException denied ? denied.getAuthorizationResult() : null;
        if (result instanceof AccessRules.Denial reason) {
            return reason.code();
        }
        return result == null || result instanceof AuthorityAuthorizationDecision
                ? ErrorCode.INSUFFICIENT_PERMISSIONS
                : ErrorCode.NOT_FOUND; // denyAll(), the last rule
    }

    /** The firewall checks the path at once, but headers and parameters only when they are read. */
    private boolean isPathRefused(HttpServletRequest request) {
        try {
            firewall.getFirewalledRequest(request);
            return false;
        } catch (RequestRejectedException e) {
            return true;
        }
    }
}
