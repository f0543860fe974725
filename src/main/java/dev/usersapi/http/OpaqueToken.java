package dev.usersapi.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** Random tokens, such as refresh tokens and API keys, of which the service stores only the hash. */
public final class OpaqueToken {

    private static final int BYTES = 32;

    private OpaqueToken() {}

    /** Creates a token: a prefix, which shows its purpose, and 256 random bits. */
    public static String next(String prefix, RandomGenerator random) {
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        return format(prefix, secret);
    }

    /** The prefix and the secret in base64url without padding. */
    public static String format(String prefix, byte[] secret) {
        return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    /**
     * The SHA-256 hash, which is stored. A slow hash as for passwords is not needed, because random tokens cannot be guessed.
     */
    public static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has SHA-256
        }
    }
}
