package dev.usersapi.userlist;

import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.UUID;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Encrypts the position after which the next page starts, so that it can be part of a URL. The position can contain a
 * name or an e-mail, which must not be readable in logs of URLs. The cipher is AES-GCM (NIST SP 800-38D) with filters and
 * sort order as associated data: a cursor is refused for another list. All instances share the key in
 * {@code cursor_keys}.
 */
@Component
class CursorCipher {

    /** The last user of a page: the sort key, as PostgreSQL writes it as text, and the id. */
    record Position(String key, UUID id) {}

    private static final String ALGORITHM = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int ID_BYTES = 16;
    private static final int TAG_BYTES = 16;

    private final SecretKeySpec secret;
    private final RandomGenerator random;

    CursorCipher(JdbcClient database, RandomGenerator random) {
        this.secret = new SecretKeySpec(
                database.sql("select key from cursor_keys").query(byte[].class).single(), "AES");
        this.random = random;
    }

    /** The cursor for the page after the position: base64url without padding (RFC 4648, section 5). */
    String encrypt(Position position, String selection) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] key = position.key().getBytes(StandardCharsets.UTF_8);
        byte[] plaintext = ByteBuffer.allocate(ID_BYTES + key.length)
                .putLong(position.id().getMostSignificantBits())
                .putLong(position.id().getLeastSignificantBits())
                .put(key)
                .array();
        try {
            byte[] ciphertext = cipher(Cipher.ENCRYPT_MODE, nonce, selection).doFinal(plaintext);
            return encoded(ByteBuffer.allocate(NONCE_BYTES + ciphertext.length)
                    .put(nonce)
                    .put(ciphertext)
                    .array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The position in the cursor.
     *
     * @throws InvalidRequestException when this service did not issue the cursor for these filters and this sort order
     */
    Position decrypt(String cursor, String selection) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(cursor);
            // each cursor has one text: the decoder also accepts padding, and any bits after the last byte
            if (bytes.length < NONCE_BYTES + ID_BYTES + TAG_BYTES
                    || !encoded(bytes).equals(cursor)) {
                throw invalidCursor();
            }
            byte[] nonce = ByteBuffer.wrap(bytes, 0, NONCE_BYTES).array();
            ByteBuffer plaintext = ByteBuffer.wrap(cipher(Cipher.DECRYPT_MODE, nonce, selection)
                    .doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES));
            UUID id = new UUID(plaintext.getLong(), plaintext.getLong());
            return new Position(StandardCharsets.UTF_8.decode(plaintext).toString(), id);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw invalidCursor();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String selection) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(ALGORITHM);
        cipher.init(mode, secret, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce, 0, NONCE_BYTES));
        cipher.updateAAD(selection.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static InvalidRequestException invalidCursor() {
        return new InvalidRequestException(Fault.inParameter(
                "cursor", "invalid_cursor", "must be the next_cursor of a list with the same filters and sort order"));
    }
}
