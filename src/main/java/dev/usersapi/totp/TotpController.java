package dev.usersapi.totp;

import dev.usersapi.ratelimit.ClientAddress;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Enrols, confirms and removes the second factor of a user. */
@RestController
@RequestMapping(path = "/api/v1/users/{user_id}/totp", produces = MediaType.APPLICATION_JSON_VALUE)
class TotpController {

    private final TotpService factors;
    private final TotpEnrolmentService enrolments;

    TotpController(TotpService factors, TotpEnrolmentService enrolments) {
        this.factors = factors;
        this.enrolments = enrolments;
    }

    @GetMapping
    Map<String, TotpService.State> get(UserId id) {
        return Map.of("data", factors.state(id));
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, TotpEnrolmentService.Enrolment> enrol(
            UserId id, @RequestBody EnrolTotpRequest body, HttpServletRequest request) {
        return Map.of("data", enrolments.enrol(id, body.password(), ClientAddress.network(request)));
    }

    @PostMapping(path = "/confirm", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, TotpEnrolmentService.RecoveryCodes> confirm(
            UserId id, @RequestBody ConfirmTotpRequest body, HttpServletRequest request) {
        return Map.of("data", enrolments.confirm(id, body.code(), ClientAddress.network(request)));
    }

    @PostMapping(path = "/disable", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void disable(UserId id, @RequestBody DisableTotpRequest body, HttpServletRequest request) {
        factors.disable(id, body, ClientAddress.network(request));
    }

    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(UserId id, @AuthenticationPrincipal Caller caller) {
        factors.remove(id, caller);
    }
}
