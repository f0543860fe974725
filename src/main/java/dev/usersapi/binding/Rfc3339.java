package dev.usersapi.binding;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Parses times in requests: RFC 3339 with any offset and at most nine decimals. Beyond RFC 3339, the offset may lack its
 * colon, as Python writes it, and a date stands for midnight in UTC.
 */
public final class Rfc3339 {

    private static final Pattern TIMESTAMP =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern OFFSET_WITHOUT_COLON = Pattern.compile("([+-][0-9]{2})([0-9]{2})$");

    /** Describes the accepted forms, for the {@code detail} of faults. */
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
                    // the offset can move the year beyond four digits
                    .filter(instant -> TIMESTAMP.matcher(instant.toString()).matches());
        } catch (DateTimeParseException e) {
            return Optional.empty(); // a day or an hour that does not exist
        }
    }

    /** Rounds up to whole seconds. For a time from which something is allowed, rounding down would be too early. */
    public static Instant roundUp(Instant instant) {
        return instant.plusNanos(999_999_999).truncatedTo(ChronoUnit.SECONDS);
    }
}
