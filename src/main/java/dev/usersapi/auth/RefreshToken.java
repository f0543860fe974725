package dev.usersapi.auth;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A single-use refresh token as it is stored. Plain SHA-256 is enough: the token has 256 random bits, so there is
 * nothing to guess that a slow hash would slow down.
 *
 * <p>For a short grace after its use it may be presented again, by a client that lost the answer or asked twice at once,
 * and gets the same successor. That is computed each time, from the token's text, which the database does not know, and
 * a salt, which the token's holder does not.
 */
@Entity
@Table(name = "refresh_tokens")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class RefreshToken {

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final int BYTES = 32;

    @Id
    private byte[] hash;

    private UUID sessionId;
    private boolean used;
    private @Nullable Instant usedAt;
    private byte @Nullable [] successorSalt;

    protected RefreshToken() {}

    RefreshToken(String text, UUID sessionId) {
        this.hash = hash(text);
        this.sessionId = sessionId;
    }

    static String newText(RandomGenerator random) {
        return text(newBytes(random));
    }

    private static byte[] newBytes(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String text(byte[] bytes) {
        return "rt_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }

    UUID sessionId() {
        return sessionId;
    }

    boolean isUsed() {
        return used;
    }

    /** Whether it was used so long ago that who presents it again is not who used it. */
    boolean isSpent(Instant now) {
        // without a salt it was used by a version that knew no grace, or the salt is forgotten
        return used && (usedAt == null || successorSalt == null || now.isAfter(usedAt.plus(GRACE)));
    }

    void use(Instant now, RandomGenerator random) {
        used = true;
        usedAt = now;
        successorSalt = newBytes(random);
    }

    /** The text of the token that follows this one, which was used. */
    String successor(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Objects.requireNonNull(successorSalt), mac.getAlgorithm()));
            return text(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }
}
