package dev.usersapi.guessing;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.guessing.FailedLogins.Outcome;
import dev.usersapi.guessing.FailedLogins.Refusal;
import dev.usersapi.guessing.FailedLogins.Reservation;
import dev.usersapi.http.OpaqueToken;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.springframework.stereotype.Service;

/**
 * Slows guessing down: after some failures for an account from one address, after more of them from all addresses
 * together, and after many failures from one address for all accounts together, the next attempt has to wait. The last
 * two delays are not for addresses from which the user logged in lately. What is refused meanwhile is not counted, so no
 * delay is ever prolonged, and a success from one address does not let others guess on. E-mails without an account are
 * treated no differently.
 *
 * <p>Where only the outcome of attempts that are just being checked decides whether another one is admitted, that one
 * waits for it here: many right log-ins of one user at once all succeed, and many guesses at once gain nothing.
 */
@Service
public class LoginAttempts {

    private static final Duration MAX_WAIT = Duration.ofSeconds(10);
    private static final int PAUSE_MILLIS = 100;
    private static final int MAX_WAITING = 64; // request threads: most must stay free for other requests

    private final FailedLogins failures;
    private final MeterRegistry meters;
    private final Semaphore waiting = new Semaphore(MAX_WAITING);

    LoginAttempts(FailedLogins failures, MeterRegistry meters) {
        this.failures = failures;
        this.meters = meters;
    }

    /**
     * An attempt to get into an account, to be closed with an outcome. May wait for the outcome of others, for some
     * seconds at most and without a database connection. Not for use inside a transaction.
     *
     * @param address as {@link dev.usersapi.ratelimit.ClientAddress} has it
     * @throws ProblemException {@link ErrorCode#TOO_MANY_ATTEMPTS} when there must be none now
     */
    public Attempt begin(String email, String address) {
        byte[] account = account(email);
        String from = address.isEmpty() ? "unknown" : address;
        Reservation reservation = reserve(account, from);
        if (dependsOnOthers(reservation) && waiting.tryAcquire()) {
            try {
                reservation = reserveWhenOthersAreDecided(account, from, reservation);
            } finally {
                waiting.release();
            }
        }
        Refusal refusal = reservation.refusal();
        if (refusal != null) {
            meters.counter("users.logins.delayed", "scope", refusal.scope()).increment();
            throw new ProblemException(ErrorCode.TOO_MANY_ATTEMPTS, refusal.delay());
        }
        return new Attempt(failures, account, from, reservation);
    }

    /** Asks the database again and again, because the other attempts may be at other instances. */
    private Reservation reserveWhenOthersAreDecided(byte[] account, String address, Reservation refused) {
        Reservation reservation = refused;
        long start = System.nanoTime();
        while (dependsOnOthers(reservation) && System.nanoTime() - start < MAX_WAIT.toNanos()) {
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            reservation = reserve(account, address);
        }
        return reservation;
    }

    private static boolean dependsOnOthers(Reservation reservation) {
        return reservation.refusal() != null && reservation.refusal().dependsOnOthers();
    }

    /** All counts have the attempt that is to count there, or none has it. */
    private Reservation reserve(byte[] account, String address) {
        Reservation reservation = failures.reserve(account, address);
        if (reservation.refusal() != null && reservation.byAddress()) {
            failures.settle(account, address, reservation, Outcome.NONE);
        }
        return reservation;
    }

    /** Ends the delays of log-ins to the account and begins to count anew. */
    public void endDelays(String email) {
        failures.clear(account(email));
    }

    /** A hash, because what is typed as an e-mail may be a password, or nobody's business. */
    static byte[] account(String email) {
        return OpaqueToken.hash(email.toLowerCase(Locale.ROOT));
    }
}
