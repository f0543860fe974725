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

/** Answers what the filter chain refuses. */
@Component
class ProblemSecurityHandler implements AuthenticationEntryPoint, AccessDeniedHandler, RequestRejectedHandler {

    /** Denies a path that no rule names: to a client it is simply not there. */
    static final AuthorizationResult UNKNOWN_PATH = () -> false;

    /** Denies a program what only a log-in may do. */
    static final AuthorizationResult SESSION_REQUIRED = () -> false;

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
        if (isDenied(UNKNOWN_PATH, failure.getCause())) {
            writer.write(request, response, ErrorCode.NOT_FOUND);
        } else if (failure instanceof OAuth2AuthenticationException) {
            limits.acquireForAddress(request, response); // the chain's rate limit comes after the token check
            if (failure.getCause() instanceof ProblemException reason) {
                throw reason;
            }
            writer.write(request, response, ErrorCode.INVALID_TOKEN);
        } else {
            writer.write(request, response, ErrorCode.UNAUTHENTICATED);
        }
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException denial)
            throws IOException {
        ErrorCode code = isDenied(UNKNOWN_PATH, denial)
                ? ErrorCode.NOT_FOUND
                : isDenied(SESSION_REQUIRED, denial) ? ErrorCode.SESSION_REQUIRED : ErrorCode.INSUFFICIENT_PERMISSIONS;
        writer.write(request, response, code);
    }

    /** Nothing is served at a path that the firewall refuses; anything else goes to the handler of all exceptions. */
    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, RequestRejectedException rejection)
            throws IOException {
        if (!isPathRefused(request)) {
            throw rejection;
        }
        writer.write(request, response, ErrorCode.NOT_FOUND);
    }

    private static boolean isDenied(AuthorizationResult reason, @Nullable Throwable denial) {
        return denial instanceof AuthorizationDeniedException denied && denied.getAuthorizationResult() == reason;
    }

    private boolean isPathRefused(HttpServletRequest request) {
        try {
            firewall.getFirewalledRequest(request);
            return false;
        } catch (RequestRejectedException e) {
            return true;
        }
    }
}
