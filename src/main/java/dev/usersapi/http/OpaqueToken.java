package dev.usersapi.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** What a caller presents and the service knows by its hash alone. */
public final class OpaqueToken {

    private static final int BYTES = 32;

    private OpaqueToken() {}

    /** The prefix, which tells what it is for, and 256 random bits. */
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
     * SHA-256, as it is stored. That is enough for a token of many random bits: there is nothing to guess that a slow
     * hash would slow down.
     */
    public static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }
}
