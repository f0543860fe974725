package dev.usersapi.failedlogin;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import java.util.Map;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The failed logins of an account: read them, and end their delays. */
@RestController
@RequestMapping(path = "/api/v1/users/{user_id}/failed-logins", produces = MediaType.APPLICATION_JSON_VALUE)
class FailedLoginController {

    private final FailedLogins failures;
    private final LoginAttempts attempts;
    private final UserService users;
    private final ApplicationEventPublisher events;

    FailedLoginController(
            FailedLogins failures, LoginAttempts attempts, UserService users, ApplicationEventPublisher events) {
        this.failures = failures;
        this.attempts = attempts;
        this.users = users;
        this.events = events;
    }

    @GetMapping
    Map<String, FailedLoginsResponse> get(UserId id) {
        return failures.find(id, FailedLoginsResponse.MAX_COUNTS)
                .map(counts -> Map.of("data", FailedLoginsResponse.of(counts)))
                .orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
    }

    /** Not for the own account: with a stolen session somebody could guess the password without delays. */
    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void clear(UserId id, @AuthenticationPrincipal Caller caller) {
        User user = users.requirePermissionToManageOther(id, Permission.USERS_WRITE, caller);
        attempts.endDelays(user.email());
        events.publishEvent(new FailedLoginsCleared(id));
    }
}
