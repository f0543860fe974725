package dev.usersapi.binding;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Times as callers write them: RFC 3339 with any offset, at most nanoseconds, a year of four digits. Beyond RFC 3339 the
 * offset may lack its colon, as Python writes it, and a date stands for its midnight in UTC. They read whole seconds.
 */
public final class Rfc3339 {

    private static final Pattern TIMESTAMP =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern OFFSET_WITHOUT_COLON = Pattern.compile("([+-][0-9]{2})([0-9]{2})$");

    /** What {@link #parse} reads, for the texts of faults. */
    static final String FORM =
            "must be a time with its offset, such as 2023-06-21T09:15:30Z or 2023-06-21T11:15:30+02:00,"
                    + " or a date, such as 2023-06-21, which stands for 00:00 UTC";

    private Rfc3339() {}

    static Optional<Instant> parse(String text) {
        String time = DATE.matcher(text).matches()
                ? text + "T00:00:00Z"
                : OFFSET_WITHOUT_COLON.matcher(text).replaceFirst("$1:$2");
        if (!TIMESTAMP.matcher(time).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(time).toInstant())
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
