package dev.usersapi.failedlogin;

import dev.usersapi.failedlogin.FailedLogins.Outcome;

/**
 * An attempt to log in that was admitted, until its outcome is known. It counts as failed from its beginning, so that it
 * does even when the service dies meanwhile. Closed without an outcome it is not counted. Not for use inside a
 * transaction, whose end could forget the outcome.
 */
public final class LoginAttempt implements AutoCloseable {

    private final FailedLogins failures;
    private final byte[] account;
    private final String address;
    private final FailedLogins.Reservation reservation;
    private boolean settled;

    LoginAttempt(FailedLogins failures, byte[] account, String address, FailedLogins.Reservation reservation) {
        this.failures = failures;
        this.account = account;
        this.address = address;
        this.reservation = reservation;
    }

    /** Everything that was asked for was right: earlier failures from this address are forgotten. */
    public void succeeded() {
        settle(Outcome.SUCCEEDED);
    }

    /** The password or the code was wrong. */
    public void failed() {
        settle(Outcome.FAILED);
    }

    @Override
    public void close() {
        settle(Outcome.NOT_COUNTED);
    }

    private void settle(Outcome outcome) {
        if (!settled) {
            settled = true;
            failures.settle(account, address, reservation, outcome);
        }
    }
}
