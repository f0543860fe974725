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
 * The {@code Idempotency-Key} of a request (draft-ietf-httpapi-idempotency-key-header), one caller's for one method and
 * path.
 *
 * <p>Its text is not stored. By HKDF (RFC 5869) it becomes an id, under which the answer is kept, and a secret that
 * encrypts the answer and what tells the request's body: whoever has the database but not the key reads nothing and, as
 * long as the key cannot be guessed, has nothing against which to try passwords.
 */
public final class IdempotencyKey {

    static final String HEADER = "Idempotency-Key";

    /** A string of structured fields (RFC 9651), or the same without its quotes; nothing in it needs an escape. */
    private static final Pattern SYNTAX = Pattern.compile("(\"?)([!-~&&[^\",;\\\\]]{1,255})\\1");

    private static final int BYTES = 32;

    private final byte[] id;
    private final BytesEncryptor cipher;

    private IdempotencyKey(byte[] id, byte[] secret) {
        this.id = id;
        this.cipher = AesGcmBytesEncryptor.withSecretKey(new SecretKeySpec(secret, "AES"))
                .build();
    }

    /** Empty when the field's value is malformed. */
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

    /** Of PostgreSQL's advisory locks. */
    long lock() {
        return ByteBuffer.wrap(id).getLong();
    }

    byte[] encrypt(byte[] plain) {
        return cipher.encrypt(plain);
    }

    /** Empty when the answer was not encrypted with this key, because it was changed by SQL. */
    Optional<byte[]> decrypt(byte[] encrypted) {
        try {
            return Optional.of(cipher.decrypt(encrypted));
        } catch (RuntimeException e) { // of Spring Security, with no more special type for all that may be wrong
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
