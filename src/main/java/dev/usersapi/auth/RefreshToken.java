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
 * a salt, which the token's holder does not. Later the salt is forgotten, and a token whose successor never arrived gets
 * a new one, in place of the lost one.
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

    /** Whether it was used so recently that presenting it again is answered with the same successor. */
    boolean isInGrace(Instant now) {
        return usedAt != null && successorSalt != null && !now.isAfter(usedAt.plus(GRACE));
    }

    /** When it was used; null where it was not, or by a version that did not note the time. */
    @Nullable
    Instant usedAt() {
        return usedAt;
    }

    /** Null where it has none that could be replaced. */
    byte @Nullable [] successorHash() {
        return successorHash;
    }

    /** Uses it, for the first time or again, and answers the text of its new successor. */
    String use(String text, Instant now, RandomGenerator random) {
        used = true;
        usedAt = now;
        successorSalt = new byte[SALT_BYTES];
        random.nextBytes(successorSalt);
        String successor = successor(text);
        successorHash = OpaqueToken.hash(successor);
        return successor;
    }

    /** Another token takes its place, which it had not been used for. Whoever presents it now replays it. */
    void supersede(Instant now) {
        used = true;
        usedAt = now;
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
