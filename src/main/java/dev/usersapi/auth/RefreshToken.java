package dev.usersapi.auth;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * A single-use refresh token as it is stored. Plain SHA-256 is enough: the token has 256 random bits, so there is
 * nothing to guess that a slow hash would slow down.
 */
@Entity
@Table(name = "refresh_tokens")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class RefreshToken {

    @Id
    private byte[] hash;

    private UUID sessionId;
    private boolean used;

    protected RefreshToken() {}

    RefreshToken(String text, UUID sessionId) {
        this.hash = hash(text);
        this.sessionId = sessionId;
    }

    static String newText(RandomGenerator random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
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

    void use() {
        used = true;
    }
}
