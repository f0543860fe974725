package dev.usersapi.http;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Times as callers write them: RFC 3339 with any offset, at most nanoseconds, a year of four digits. They read whole
 * seconds.
 */
public final class Rfc3339 {

    private static final Pattern TIMESTAMP =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");

    private Rfc3339() {}

    static Optional<Instant> parse(String text) {
        if (!TIMESTAMP.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant())
                    // an offset may lead beyond the four digits of a year
                    .filter(instant -> TIMESTAMP.matcher(instant.toString()).matches());
        } catch (DateTimeParseException e) {
            return Optional.empty(); // a day or an hour that no calendar has
        }
    }

    /** The first whole second that is not before it: of a time from which on something holds, which must not be early. */
    public static Instant roundedUp(Instant instant) {
        return instant.plusNanos(999_999_999).truncatedTo(ChronoUnit.SECONDS);
    }
}
