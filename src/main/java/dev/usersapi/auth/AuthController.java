package dev.usersapi.auth;

import dev.usersapi.ratelimit.ClientAddress;
import dev.usersapi.ratelimit.RateLimits;
import dev.usersapi.token.AccessTokens;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Login, refresh of tokens and logout. */
@RestController
@RequestMapping(path = "/api/v1/auth", produces = MediaType.APPLICATION_JSON_VALUE)
class AuthController {

    private final LoginService logins;
    private final RefreshService refreshes;
    private final SessionService sessions;
    private final AccessTokens accessTokens;
    private final RateLimits limits;

    AuthController(
            LoginService logins,
            RefreshService refreshes,
            SessionService sessions,
            AccessTokens accessTokens,
            RateLimits limits) {
        this.logins = logins;
        this.refreshes = refreshes;
        this.sessions = sessions;
        this.accessTokens = accessTokens;
        this.limits = limits;
    }

    @PostMapping(path = "/login", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, TokenResponse> login(
            @RequestBody LoginRequest body, HttpServletRequest request, HttpServletResponse response) {
        limits.acquireForLogin(body.email(), request, response);
        return tokens(logins.login(body, ClientAddress.network(request), Device.of(request)), request);
    }

    @PostMapping(path = "/refresh", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, TokenResponse> refresh(
            @RequestBody RefreshRequest body, HttpServletRequest request, HttpServletResponse response) {
        refreshes.findUser(body.refreshToken()).ifPresent(user -> limits.acquireForUser(user.toString(), response));
        return tokens(refreshes.refresh(body.refreshToken(), Device.of(request)), request);
    }

    @PostMapping("/logout")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void logout(@AuthenticationPrincipal Caller caller) {
        sessions.end(caller.session().orElseThrow(), caller.user().orElseThrow());
    }

    private Map<String, TokenResponse> tokens(OpenSession session, HttpServletRequest request) {
        limits.refundAddress(request); // this limit is for requests without valid credentials
        return Map.of(
                "data",
                new TokenResponse(
                        accessTokens.issue(session.user().id(), session.id()),
                        "Bearer",
                        accessTokens.lifetime().toSeconds(),
                        session.refreshToken(),
                        UserResponse.of(session.user())));
    }
}
