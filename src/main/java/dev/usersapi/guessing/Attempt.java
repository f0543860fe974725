package dev.usersapi.guessing;

/**
 * An attempt to log in that may be looked at. It counts as failed from its beginning, so that it does even where the
 * service dies meanwhile; closed without a verdict, it was none.
 */
public final class Attempt implements AutoCloseable {

    private final FailedLogins failures;
    private final byte[] account;
    private final String address;
    private final FailedLogins.Reservation reservation;
    private boolean settled;

    Attempt(FailedLogins failures, byte[] account, String address, FailedLogins.Reservation reservation) {
        this.failures = failures;
        this.account = account;
        this.address = address;
        this.reservation = reservation;
    }

    /** Everything that was asked for was right: what failed before from this address is forgotten. */
    public void succeeded() {
        settled = true;
        failures.settle(account, address, reservation, true);
    }

    /** The password or the code was wrong. */
    public void failed() {
        settled = true;
    }

    @Override
    public void close() {
        if (!settled) {
            settled = true;
            failures.settle(account, address, reservation, false);
        }
    }
}
