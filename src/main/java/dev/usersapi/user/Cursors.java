package dev.usersapi.user;

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
 * Seals the place where a walk goes on into a text for URLs. AES-GCM, with filters and sort as associated data: the
 * place holds a name or an e-mail, which must not be read in logs of URLs, and counts for the same selection only.
 */
@Component
class Cursors {

    /** The last user that was answered: the sort key, as PostgreSQL writes it, and the id. */
    record Place(String key, UUID id) {}

    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec secret;
    private final RandomGenerator random;

    Cursors(JdbcClient database, RandomGenerator random) {
        this.secret = new SecretKeySpec(
                database.sql("select key from cursor_keys").query(byte[].class).single(), "AES");
        this.random = random;
    }

    String seal(Place place, String selection) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] key = place.key().getBytes(StandardCharsets.UTF_8);
        byte[] plain = ByteBuffer.allocate(16 + key.length)
                .putLong(place.id().getMostSignificantBits())
                .putLong(place.id().getLeastSignificantBits())
                .put(key)
                .array();
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, selection).doFinal(plain);
            byte[] cursor = ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
            return encoded(cursor);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The place that was sealed.
     *
     * @throws InvalidRequestException when the cursor is not ours, or for other filters or another sort
     */
    Place open(String cursor, String selection) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(cursor);
            // one text for each cursor: the decoder also takes padding, and any bits after the last byte
            if (bytes.length < NONCE_BYTES + 16 + TAG_BITS / 8
                    || !encoded(bytes).equals(cursor)) {
                throw foreign();
            }
            byte[] nonce = ByteBuffer.wrap(bytes, 0, NONCE_BYTES).array();
            ByteBuffer plain = ByteBuffer.wrap(cipher(Cipher.DECRYPT_MODE, nonce, selection)
                    .doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES));
            UUID id = new UUID(plain.getLong(), plain.getLong());
            return new Place(StandardCharsets.UTF_8.decode(plain).toString(), id);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw foreign();
        }
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private Cipher cipher(int mode, byte[] nonce, String selection) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, secret, new GCMParameterSpec(TAG_BITS, nonce, 0, NONCE_BYTES));
        cipher.updateAAD(selection.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static InvalidRequestException foreign() {
        return new InvalidRequestException(Fault.inParameter(
                "cursor", "invalid_cursor", "is not a next_cursor of a list with the same filters and sort"));
    }
}
