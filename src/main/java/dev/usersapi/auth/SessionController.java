package dev.usersapi.auth;

import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The sessions of a user: list them, end one, end all others. */
@RestController
@RequestMapping(path = "/api/v1/users/{user_id}/sessions", produces = MediaType.APPLICATION_JSON_VALUE)
class SessionController {

    private final SessionListQuery list;
    private final SessionService sessions;

    SessionController(SessionListQuery list, SessionService sessions) {
        this.list = list;
        this.sessions = sessions;
    }

    @GetMapping
    SessionListResponse list(UserId user, @AuthenticationPrincipal Caller caller) {
        return list.find(user, caller);
    }

    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void endOthers(UserId user, @AuthenticationPrincipal Caller caller) {
        sessions.endOthers(user, caller);
    }

    @DeleteMapping("/{session_id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void end(UserId user, @PathVariable("session_id") String session, @AuthenticationPrincipal Caller caller) {
        sessions.end(session, user, caller);
    }
}
