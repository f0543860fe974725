package dev.usersapi.idempotency;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.springframework.security.crypto.encrypt.AesGcmBytesEncryptor;
import org.springframework.security.crypto.encrypt.BytesEncryptor;

/**
 * The {@code Idempotency-Key} of a request (draft-ietf-httpapi-idempotency-key-header). The same text is another key for
 * another caller, method or path.
 *
 * <p>The text is not stored. HKDF (RFC 5869) derives two values from it: an id, under which the response is stored, and a
 * secret, which encrypts the response and the hash of the request body. A stolen database therefore discloses neither,
 * and the hash cannot be used to guess passwords in the body, as long as the key itself cannot be guessed.
 */
public final class IdempotencyKey {

    static final String HEADER = "Idempotency-Key";

    /** A string as in structured fields (RFC 9651), with or without quotes, without characters that need an escape. */
    private static final Pattern SYNTAX = Pattern.compile("(\"?)([!-~&&[^\",;\\\\]]{1,255})\\1");

    private static final int BYTES = 32;

    private final byte[] id;
    private final BytesEncryptor cipher;

    private IdempotencyKey(byte[] id, byte[] secret) {
        this.id = id;
        this.cipher = AesGcmBytesEncryptor.withSecretKey(new SecretKeySpec(secret, "AES"))
                .build();
    }

    /** Parses the header field. Empty if its value is malformed. */
    static Optional<IdempotencyKey> parse(String value, String method, String path, String caller) {
        Matcher syntax = SYNTAX.matcher(value);
        return syntax.matches()
                ? Optional.of(derive(syntax.group(2), method + " " + path + " " + caller))
                : Optional.empty();
    }

    private static IdempotencyKey derive(String text, String scope) {
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(SHA256Digest.newInstance());
        hkdf.init(new HKDFParameters(
                text.getBytes(StandardCharsets.US_ASCII), null, scope.getBytes(StandardCharsets.UTF_8)));
        byte[] derived = new byte[2 * BYTES];
        hkdf.generateBytes(derived, 0, derived.length);
        return new IdempotencyKey(Arrays.copyOf(derived, BYTES), Arrays.copyOfRange(derived, BYTES, 2 * BYTES));
    }

    byte[] id() {
        return id.clone();
    }

    /** The key of the advisory lock in PostgreSQL. */
    long lockKey() {
        return ByteBuffer.wrap(id).getLong();
    }

    byte[] encrypt(byte[] plain) {
        return cipher.encrypt(plain);
    }

    /** Empty if the stored response was not encrypted with this key, because it was changed in the database. */
    Optional<byte[]> decrypt(byte[] encrypted) {
        try {
            return Optional.of(cipher.decrypt(encrypted));
        } catch (RuntimeException e) { // Spring Security has no common type for its exceptions here
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IdempotencyKey key && Arrays.equals(id, key.id);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(id);
    }
}
