package dev.usersapi.user;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.io.Serializable;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A user's id: a UUIDv7 (RFC 9562 section 5.7) whose text form is a TypeID, {@code usr_} and 26 characters of
 * Crockford's base32.
 */
@Embeddable
public record UserId(@Column(name = "id") UUID value) implements Serializable {

    private static final String PREFIX = "usr_";
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    // 26 characters hold 130 bits: the first one has room for three of the 128 only
    private static final Pattern TEXT = Pattern.compile(PREFIX + "[0-7][" + ALPHABET + "]{25}");

    static UserId next(Instant now, RandomGenerator random) {
        long high = (now.toEpochMilli() << 16) | 0x7000 | (random.nextLong() & 0xFFF);
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UserId(new UUID(high, low));
    }

    /** Empty when the text is not a user's id. */
    public static Optional<UserId> parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            return Optional.empty();
        }
        long high = 0;
        long low = 0;
        for (int i = PREFIX.length(); i < text.length(); i++) {
            high = (high << 5) | (low >>> 59);
            low = (low << 5) | ALPHABET.indexOf(text.charAt(i));
        }
        return Optional.of(new UserId(new UUID(high, low)));
    }

    @Override
    public String toString() {
        char[] text = new char[26];
        long high = value.getMostSignificantBits();
        long low = value.getLeastSignificantBits();
        for (int i = text.length - 1; i >= 0; i--) {
            text[i] = ALPHABET.charAt((int) (low & 31));
            low = (low >>> 5) | (high << 59);
            high >>>= 5;
        }
        return PREFIX + new String(text);
    }
}
