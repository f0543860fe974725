package dev.usersapi.password;

import java.util.Base64;
import java.util.Optional;

/** A password hash that another system created. */
interface ImportedHash {

    /** Empty if the text has none of the supported formats, or parameters that its scheme does not allow. */
    static Optional<ImportedHash> parse(String text) {
        if (text.length() > 512) {
            return Optional.empty();
        }
        try {
            return BcryptHash.parse(text)
                    .or(() -> Argon2Hash.parse(text))
                    .or(() -> ScryptHash.parse(text))
                    .or(() -> Pbkdf2Hash.parse(text));
        } catch (IllegalArgumentException e) { // not Base64
            return Optional.empty();
        }
    }

    /** Decodes standard Base64 or that of passlib, which has a dot in place of the plus sign, with or without padding. */
    static byte[] decode(String base64) {
        return Base64.getDecoder().decode(base64.replace('.', '+'));
    }

    /** Name of the hashing scheme, for the log. */
    String scheme();

    /** Work to verify the hash, as a multiple of the default work limit. */
    double work();

    /** Memory to verify the hash, in bytes; 0 if it is negligible. */
    long memory();

    /** Compares in constant time, so that the duration does not reveal a part of the hash. */
    boolean matches(String password);
}
