package dev.usersapi.auth;

import dev.usersapi.http.OpaqueToken;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A single-use refresh token as it is stored.
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
    private static final String PREFIX = "rt_";
    private static final int SALT_BYTES = 32;

    @Id
    private byte[] hash;

    private UUID sessionId;
    private boolean used;
    private @Nullable Instant usedAt;
    private byte @Nullable [] successorSalt;

    protected RefreshToken() {}

    RefreshToken(String text, UUID sessionId) {
        this.hash = OpaqueToken.hash(text);
        this.sessionId = sessionId;
    }

    static String newText(RandomGenerator random) {
        return OpaqueToken.next(PREFIX, random);
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
        successorSalt = new byte[SALT_BYTES];
        random.nextBytes(successorSalt);
    }

    /** The text of the token that follows this one, which was used. */
    String successor(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Objects.requireNonNull(successorSalt), mac.getAlgorithm()));
            return OpaqueToken.format(PREFIX, mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }
}
