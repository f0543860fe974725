package dev.usersapi.auth;

import java.time.Instant;

/**
 * The last use of a session.
 *
 * @param newestTokenIssuedAt when the newest access token was issued that the session was used with
 */
record SessionUse(Instant time, Instant newestTokenIssuedAt) {

    SessionUse merge(SessionUse later) {
        return new SessionUse(later.time, latest(newestTokenIssuedAt, later.newestTokenIssuedAt));
    }

    static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
