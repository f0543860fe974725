package dev.usersapi.guessing;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.http.OpaqueToken;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import org.springframework.stereotype.Service;

/**
 * Slows guessing down: after some failures for an account from one address, and after more of them from all addresses
 * together, the next attempt has to wait. What is refused meanwhile is not counted, so no delay is ever prolonged, and a
 * success from one address does not let others guess on. E-mails without an account are treated no differently.
 */
@Service
public class LoginAttempts {

    private final FailedLogins failures;
    private final MeterRegistry meters;

    LoginAttempts(FailedLogins failures, MeterRegistry meters) {
        this.failures = failures;
        this.meters = meters;
    }

    /**
     * An attempt to get into an account, to be closed with a verdict. Not for use inside a transaction.
     *
     * @param address as {@link dev.usersapi.ratelimit.ClientAddress} has it
     * @throws ProblemException {@link ErrorCode#TOO_MANY_ATTEMPTS} when there must be none now
     */
    public Attempt begin(String email, String address) {
        String from = address.isEmpty() ? "unknown" : address;
        byte[] account = account(email);
        FailedLogins.Reservation reservation = failures.reserve(account, from);
        if (!reservation.byAddress()) {
            throw delayed("address", reservation.addressWait());
        }
        Attempt attempt = new Attempt(failures, account, from, reservation);
        if (!reservation.byAccount() && !reservation.known()) {
            attempt.close();
            throw delayed("account", reservation.accountWait());
        }
        return attempt;
    }

    private ProblemException delayed(String scope, Duration wait) {
        meters.counter("users.logins.delayed", "scope", scope).increment();
        return new ProblemException(ErrorCode.TOO_MANY_ATTEMPTS, wait);
    }

    /** A hash, because what is typed as an e-mail may be a password, or nobody's business. */
    static byte[] account(String email) {
        return OpaqueToken.hash(email.toLowerCase(Locale.ROOT));
    }
}
