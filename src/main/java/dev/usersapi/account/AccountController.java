package dev.usersapi.account;

import dev.usersapi.ratelimit.ClientAddress;
import dev.usersapi.ratelimit.RateLimits;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Lets users change their own password and e-mail, and admins send invitations and password resets. */
@RestController
@RequestMapping(path = "/api/v1/users/{user_id}", produces = MediaType.APPLICATION_JSON_VALUE)
class AccountController {

    private final AccountService accounts;
    private final RateLimits limits;

    AccountController(AccountService accounts, RateLimits limits) {
        this.accounts = accounts;
        this.limits = limits;
    }

    @PostMapping("/invitation")
    @ResponseStatus(HttpStatus.ACCEPTED)
    void invite(
            UserId id,
            @AuthenticationPrincipal Caller caller,
            HttpServletRequest request,
            HttpServletResponse response) {
        limits.acquireForMail(id.toString(), request, response);
        accounts.invite(id, caller);
    }

    @PostMapping("/password-reset")
    @ResponseStatus(HttpStatus.ACCEPTED)
    void sendPasswordReset(
            UserId id,
            @AuthenticationPrincipal Caller caller,
            HttpServletRequest request,
            HttpServletResponse response) {
        limits.acquireForMail(id.toString(), request, response);
        accounts.sendPasswordReset(id, caller);
    }

    @PutMapping(path = "/password", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void changePassword(
            UserId id,
            @RequestBody ChangePasswordRequest body,
            @AuthenticationPrincipal Caller caller,
            HttpServletRequest request) {
        accounts.changePassword(id, body, caller, ClientAddress.network(request));
    }

    @PostMapping(path = "/email", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.ACCEPTED)
    void changeEmail(
            UserId id,
            @RequestBody ChangeEmailRequest body,
            @AuthenticationPrincipal Caller caller,
            HttpServletRequest request,
            HttpServletResponse response) {
        limits.acquireForMail(
                id.toString(),
                request,
                response); // limited per user, because a caller could name another e-mail each time
        accounts.requestEmailChange(id, body, caller, ClientAddress.network(request));
    }
}
