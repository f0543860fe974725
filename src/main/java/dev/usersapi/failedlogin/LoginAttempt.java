package dev.usersapi.failedlogin;

/**
 * A login attempt that was admitted. It counts as failed until its outcome is known, so that it counts even if the
 * service dies in between. If it is closed without an outcome, it does not count. Must not be used inside a transaction,
 * because a rollback would undo the outcome.
 */
public final class LoginAttempt implements AutoCloseable {

    enum Outcome {
        SUCCEEDED,
        FAILED,
        /** The attempt ended without a result, so it does not count. */
        NOT_COUNTED
    }

    private final FailedLoginCounter counter;
    private final byte[] account;
    private final String clientAddress;
    private final Reservation reservation;
    private boolean settled;

    LoginAttempt(FailedLoginCounter counter, byte[] account, String clientAddress, Reservation reservation) {
        this.counter = counter;
        this.account = account;
        this.clientAddress = clientAddress;
        this.reservation = reservation;
    }

    /** All credentials were right: earlier failures from this address are forgotten. */
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
            counter.settle(account, clientAddress, reservation, outcome);
        }
    }
}
