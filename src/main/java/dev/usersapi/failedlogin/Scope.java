package dev.usersapi.failedlogin;

import java.util.Locale;

/**
 * Which failed logins a count includes. Each scope has free failures, after which the next attempt is delayed.
 *
 * <p>{@link #NETWORK} slows down an attacker who tries one password on many accounts. It must leave room for an office
 * behind one address. Therefore its delay does not grow, and one failure is forgotten each minute: an address can fail
 * 100 times at once and 1,540 times a day. (Auth0 suspects an address after 100 failures a day; NIST SP 800-63B allows
 * 100 consecutive failures for one account.)
 */
enum Scope {
    /** The failures for one account from one address. */
    ADDRESS(5),

    /** The failures for one account from all addresses, in the row with an empty address. */
    ACCOUNT(30),

    /** The failures from one address for all accounts, in the row with an empty account. */
    NETWORK(100);

    private final int freeFailures;

    Scope(int freeFailures) {
        this.freeFailures = freeFailures;
    }

    int freeFailures() {
        return freeFailures;
    }

    /** The tag {@code scope} of the metric of delayed logins. */
    String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
