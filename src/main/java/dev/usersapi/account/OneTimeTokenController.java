package dev.usersapi.account;

import dev.usersapi.ratelimit.RateLimits;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Endpoints that need no login: they request a one-time token by mail, or use one. */
@RestController
@RequestMapping(
        path = "/api/v1/auth",
        consumes = MediaType.APPLICATION_JSON_VALUE,
        produces = MediaType.APPLICATION_JSON_VALUE)
class OneTimeTokenController {

    private final AccountService accounts;
    private final OneTimeTokenService tokens;
    private final RateLimits limits;

    OneTimeTokenController(AccountService accounts, OneTimeTokenService tokens, RateLimits limits) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.limits = limits;
    }

    @PostMapping("/activate")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void activate(@RequestBody ActivateRequest body) {
        tokens.activate(body);
    }

    @PostMapping("/password/forgot")
    @ResponseStatus(HttpStatus.ACCEPTED)
    void forgotPassword(
            @RequestBody ForgotPasswordRequest body, HttpServletRequest request, HttpServletResponse response) {
        limits.acquireForMail(body.email(), request, response);
        accounts.forgotPassword(body);
    }

    @PostMapping("/password/reset")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void resetPassword(@RequestBody ResetPasswordRequest body) {
        tokens.resetPassword(body);
    }

    @PostMapping("/email/confirm")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void confirmEmail(@RequestBody ConfirmEmailRequest body) {
        tokens.confirmEmail(body);
    }
}
