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

/** Log-in, refresh, log-out. */
@RestController
@RequestMapping(path = "/api/v1/auth", produces = MediaType.APPLICATION_JSON_VALUE)
class AuthController {

    private final LoginService logins;
    private final SessionService sessions;
    private final AccessTokens accessTokens;
    private final RateLimits limits;

    AuthController(LoginService logins, SessionService sessions, AccessTokens accessTokens, RateLimits limits) {
        this.logins = logins;
        this.sessions = sessions;
        this.accessTokens = accessTokens;
        this.limits = limits;
    }

    @PostMapping(path = "/login", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, TokenResponse> login(
            @RequestBody LoginRequest body, HttpServletRequest request, HttpServletResponse response) {
        limits.acquireForLogin(body.email(), request, response);
        return answer(logins.login(body, ClientAddress.of(request), Device.of(request)), request);
    }

    @PostMapping(path = "/refresh", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, TokenResponse> refresh(
            @RequestBody RefreshRequest body, HttpServletRequest request, HttpServletResponse response) {
        sessions.holderOf(body.refreshToken()).ifPresent(user -> limits.acquireForUser(user.toString(), response));
        return answer(sessions.refresh(body.refreshToken(), Device.of(request)), request);
    }

    @PostMapping("/logout")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void logout(@AuthenticationPrincipal Caller caller) {
        sessions.end(caller.session().orElseThrow(), caller.user().orElseThrow());
    }

    private Map<String, TokenResponse> answer(SessionService.OpenSession opened, HttpServletRequest request) {
        limits.refundAddress(request); // the credentials were valid after all
        return Map.of(
                "data",
                new TokenResponse(
                        accessTokens.issue(opened.user().id(), opened.session()),
                        "Bearer",
                        accessTokens.lifetime().toSeconds(),
                        opened.refreshToken(),
                        UserResponse.of(opened.user())));
    }
}
