package dev.usersapi.totp;

import dev.usersapi.http.OpaqueToken;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.apache.commons.codec.binary.Base32;

/**
 * What opens an account once when the authenticator is lost: 80 random bits, enough for plain SHA-256 to keep them.
 */
final class RecoveryCode {

    private static final int BYTES = 10;
    private static final Pattern COMPACT = Pattern.compile("[A-Za-z2-7]{16}");

    private RecoveryCode() {}

    /** In groups of four, such as {@code ABCD-EFGH-IJKL-MNOP}. */
    static String next(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new Base32().encodeToString(bytes).replaceAll("(?<=.)(?=(.{4})+$)", "-");
    }

    /** As it is stored; empty where the text, already without spaces and hyphens, cannot be a recovery code. */
    static Optional<byte[]> hash(String compact) {
        return COMPACT.matcher(compact).matches()
                ? Optional.of(OpaqueToken.hash(compact.toUpperCase(Locale.ROOT)))
                : Optional.empty();
    }
}
