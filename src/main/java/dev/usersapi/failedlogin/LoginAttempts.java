package dev.usersapi.failedlogin;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.failedlogin.LoginAttempt.Outcome;
import dev.usersapi.failedlogin.Reservation.Refusal;
import dev.usersapi.http.OpaqueToken;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.springframework.stereotype.Service;

/**
 * Slows down the guessing of passwords. The next attempt must wait after some failures for an account from one address,
 * after more failures for an account from all addresses, and after many failures from one address for all accounts. The
 * last two delays do not apply to a user who logged in from the same address in the last 30 days. An attempt that is
 * refused is not counted, so it does not extend the delay. A success from one address does not clear the failures from
 * others. E-mails without an account are treated in the same way.
 *
 * <p>If the decision depends on attempts whose outcome is not known yet, the new attempt waits for them here. So many
 * correct logins of one user at the same time all succeed, and many guesses at the same time have no advantage.
 */
@Service
public class LoginAttempts {

    private static final Duration MAX_WAIT = Duration.ofSeconds(4);
    private static final int POLL_INTERVAL_MILLIS = 100;
    private static final int MAX_WAITING = 32; // of 200 request threads, of which up to 100 may wait for hashing

    private final FailedLoginCounter counter;
    private final FailedLogins failures;
    private final MeterRegistry meters;
    private final Semaphore waiting = new Semaphore(MAX_WAITING);

    LoginAttempts(FailedLoginCounter counter, FailedLogins failures, MeterRegistry meters) {
        this.counter = counter;
        this.failures = failures;
        this.meters = meters;
    }

    /**
     * Begins an attempt, which must be closed. May wait some seconds for the outcome of other attempts, without holding a
     * database connection. Must not be called inside a transaction.
     *
     * @param clientAddress from {@link dev.usersapi.ratelimit.ClientAddress#network}
     * @throws ProblemException {@link ErrorCode#TOO_MANY_ATTEMPTS} if no attempt is admitted now
     */
    public LoginAttempt begin(String email, String clientAddress) {
        byte[] account = accountHash(email);
        String knownAddress = clientAddress.isEmpty() ? "unknown" : clientAddress;
        Reservation reservation = reserve(account, knownAddress);
        if (reservation.dependsOnUndecidedAttempts() && waiting.tryAcquire()) {
            try {
                reservation = reserveAfterUndecidedAttempts(account, knownAddress, reservation);
            } finally {
                waiting.release();
            }
        }
        Refusal refusal = reservation.refusal();
        if (refusal != null) {
            meters.counter("users.logins.delayed", "scope", refusal.scope().tag())
                    .increment();
            throw new ProblemException(ErrorCode.TOO_MANY_ATTEMPTS, refusal.delay());
        }
        return new LoginAttempt(counter, account, knownAddress, reservation);
    }

    /** Polls the database, because the other attempts may run on other instances. */
    private Reservation reserveAfterUndecidedAttempts(byte[] account, String clientAddress, Reservation refused) {
        Reservation reservation = refused;
        long start = System.nanoTime();
        while (reservation.dependsOnUndecidedAttempts() && System.nanoTime() - start < MAX_WAIT.toNanos()) {
            try {
                Thread.sleep(POLL_INTERVAL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            reservation = reserve(account, clientAddress);
        }
        return reservation;
    }

    /** An attempt that is refused is removed again from the counts that already include it. */
    private Reservation reserve(byte[] account, String clientAddress) {
        Reservation reservation = counter.reserve(account, clientAddress);
        if (reservation.refusal() != null && reservation.countedForAddress()) {
            counter.settle(account, clientAddress, reservation, Outcome.NOT_COUNTED);
        }
        return reservation;
    }

    /** Ends the delays of the account and sets its counts to zero. */
    public void endDelays(String email) {
        failures.clear(accountHash(email));
    }

    /** The table contains hashes, because users sometimes type their password as the e-mail. */
    static byte[] accountHash(String email) {
        return OpaqueToken.hash(email.toLowerCase(Locale.ROOT));
    }
}
