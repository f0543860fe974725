package dev.usersapi.auth;

import dev.usersapi.user.UserId;
import jakarta.persistence.AttributeOverride;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A session begins with a login. It ends with a logout, with the replay of a refresh token, when it expires, or when it
 * has not been used for a long time.
 */
@Entity
@Table(name = "sessions")
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // Hibernate fills and reads the fields
class Session {

    static final String ID_PREFIX = "ses";

    @Id
    private UUID id;

    @Embedded
    @AttributeOverride(name = "value", column = @Column(name = "user_id"))
    private UserId userId;

    private Instant createdAt;
    private Instant expiresAt;
    private Instant lastUsedAt;
    private @Nullable Instant newestTokenIssuedAt;
    private @Nullable String ip;
    private @Nullable String userAgent;

    protected Session() {}

    Session(UUID id, UserId userId, Instant createdAt, Instant expiresAt, Device device) {
        this.id = id;
        this.userId = userId;
        this.createdAt = createdAt;
        this.expiresAt = expiresAt;
        recordUse(createdAt, device);
    }

    final void recordUse(Instant now, Device device) {
        lastUsedAt = now;
        ip = device.ip();
        userAgent = device.userAgent();
    }

    UUID id() {
        return id;
    }

    UserId userId() {
        return userId;
    }

    Instant createdAt() {
        return createdAt;
    }

    /** When the newest access token was issued that the session was used with. {@link SessionUseRecorder} writes it. */
    @Nullable
    Instant newestTokenIssuedAt() {
        return newestTokenIssuedAt;
    }

    @Override
    public String toString() {
        return "Session[" + id + ", since " + createdAt + "]";
    }
}
