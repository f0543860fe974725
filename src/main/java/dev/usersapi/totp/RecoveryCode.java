package dev.usersapi.totp;

import dev.usersapi.http.OpaqueToken;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.apache.commons.codec.binary.Base32;

/**
 * Replaces a code of the authenticator app once, for users who lost the app. It has 80 random bits, too many to guess,
 * so that it can be stored as a plain SHA-256.
 */
final class RecoveryCode {

    private static final int BYTES = 10;
    private static final Pattern FORMAT = Pattern.compile("[A-Za-z2-7]{16}");

    private RecoveryCode() {}

    /** Returns a new code in groups of four characters, such as {@code ABCD-EFGH-IJKL-MNOP}. */
    static String next(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new Base32().encodeToString(bytes).replaceAll("(?<=.)(?=(.{4})+$)", "-");
    }

    /** The stored form; empty when the text, which has no spaces and hyphens any more, cannot be a recovery code. */
    static Optional<byte[]> hash(String compact) {
        return FORMAT.matcher(compact).matches()
                ? Optional.of(OpaqueToken.hash(compact.toUpperCase(Locale.ROOT)))
                : Optional.empty();
    }
}
