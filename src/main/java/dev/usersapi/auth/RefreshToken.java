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
 * <p>A client that lost the response, or sent the request twice, may present the token again during a grace period
 * after its use, and receives the same successor. The successor is not stored. It is computed from the text of the
 * token, which only the client knows, and a salt, which only the database knows. After the grace period the salt is
 * deleted, and a token whose successor never reached the client gets a new one.
 */
@Entity
@Table(name = "refresh_tokens")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class RefreshToken {

    private static final Duration GRACE_PERIOD = Duration.ofSeconds(10);
    private static final String PREFIX = "rt_";
    private static final int SALT_BYTES = 32;

    @Id
    private byte[] hash;

    private UUID sessionId;
    private boolean used;
    private @Nullable Instant usedAt;
    private byte @Nullable [] successorSalt;
    private byte @Nullable [] successorHash;

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

    /** Whether it was used so recently that it still has the same successor. */
    boolean isInGracePeriod(Instant now) {
        return usedAt != null && successorSalt != null && !now.isAfter(usedAt.plus(GRACE_PERIOD));
    }

    /** When it was used or superseded; null if it was neither. */
    @Nullable
    Instant usedAt() {
        return usedAt;
    }

    /** Null if it was not exchanged. */
    byte @Nullable [] successorHash() {
        return successorHash;
    }

    /** Marks it as used, for the first time or again, and returns the text of a new successor. */
    String use(String text, Instant now, RandomGenerator random) {
        used = true;
        usedAt = now;
        successorSalt = new byte[SALT_BYTES];
        random.nextBytes(successorSalt);
        String successor = successor(text);
        successorHash = OpaqueToken.hash(successor);
        return successor;
    }

    /** Marks an unused token as replaced by a newer one. Presenting it from now on is a replay. */
    void supersede(Instant now) {
        used = true;
        usedAt = now;
    }

    /** The text of the successor. The token must have been used, and its salt must not be deleted yet. */
    String successor(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Objects.requireNonNull(successorSalt), mac.getAlgorithm()));
            return OpaqueToken.format(PREFIX, mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java runtime has HmacSHA256
        }
    }
}
