package dev.usersapi.password;

import java.util.Base64;
import java.util.Optional;

/** A password's hash that another system made. */
interface ImportedHash {

    /** Empty when the text has none of the forms that are known here, or is none that its scheme could have made. */
    static Optional<ImportedHash> parse(String text) {
        if (text.length() > 512) {
            return Optional.empty();
        }
        try {
            return BcryptHash.parse(text)
                    .or(() -> Argon2Hash.parse(text))
                    .or(() -> ScryptHash.parse(text))
                    .or(() -> Pbkdf2Hash.parse(text));
        } catch (IllegalArgumentException e) { // not base64
            return Optional.empty();
        }
    }

    /** Standard base64, or passlib's, which writes a dot for the plus; padded or not. */
    static byte[] decode(String base64) {
        return Base64.getDecoder().decode(base64.replace('.', '+'));
    }

    /** What the scheme is called. */
    String scheme();

    /** How much work it takes, in multiples of the most that is granted to a log-in by default. */
    double work();

    /** Bytes that are needed at once, where they are worth mentioning. */
    long memory();

    /** Compares in constant time. */
    boolean matches(String password);
}
