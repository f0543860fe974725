package dev.usersapi.http;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.ProblemException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * The text form of ids (<a href="https://github.com/jetify-com/typeid">TypeID</a>): a prefix such as {@code usr}, then
 * {@code _}, then a UUID as 26 characters of Crockford's base32.
 */
public final class TypeId {

    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    // 26 characters have 130 bits, two more than a UUID, so the first character is at most 7
    private static final Pattern SUFFIX = Pattern.compile("[0-7][" + ALPHABET + "]{25}");

    private static final int MAX_QUOTED_LENGTH = 40;
    private static final UUID EXAMPLE = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

    private TypeId() {}

    /** A new UUIDv7 (RFC 9562 section 5.7). */
    public static UUID next(Instant now, RandomGenerator random) {
        long high = (now.toEpochMilli() << 16) | 0x7000 | (random.nextLong() & 0xFFF);
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    /**
     * Parses the id in a path. A malformed id is treated as one that does not exist.
     *
     * @param kind the kind of id in the explanation, such as {@code a user's id}
     * @throws ProblemException with the code {@code notFound} and an explanation of the syntax
     */
    public static UUID require(String prefix, String text, ErrorCode notFound, String kind) {
        return parse(prefix, text)
                .orElseThrow(() -> new ProblemException(
                        notFound,
                        "`" + Fault.abbreviate(text, MAX_QUOTED_LENGTH) + "` is not " + kind + ". Such an id is `"
                                + prefix + "_` followed by 26 characters, like `" + format(prefix, EXAMPLE) + "`."));
    }

    /** Parses an id. Empty if the text is not an id with this prefix. */
    public static Optional<UUID> parse(String prefix, String text) {
        int start = prefix.length() + 1;
        if (!text.startsWith(prefix + "_")
                || !SUFFIX.matcher(text).region(start, text.length()).matches()) {
            return Optional.empty();
        }
        long high = 0;
        long low = 0;
        for (int i = start; i < text.length(); i++) {
            high = (high << 5) | (low >>> 59);
            low = (low << 5) | ALPHABET.indexOf(text.charAt(i));
        }
        return Optional.of(new UUID(high, low));
    }

    public static String format(String prefix, UUID value) {
        char[] suffix = new char[26];
        long high = value.getMostSignificantBits();
        long low = value.getLeastSignificantBits();
        for (int i = suffix.length - 1; i >= 0; i--) {
            suffix[i] = ALPHABET.charAt((int) (low & 31));
            low = (low >>> 5) | (high << 59);
            high >>>= 5;
        }
        return prefix + "_" + new String(suffix);
    }
}
