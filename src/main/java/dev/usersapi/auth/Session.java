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

/** What one log-in began: it ends by logging out, by a refresh token used twice, or with its time. */
@Entity
@Table(name = "sessions")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class Session {

    @Id
    private UUID id;

    @Embedded
    @AttributeOverride(name = "value", column = @Column(name = "user_id"))
    private UserId userId;

    private Instant createdAt;
    private Instant expiresAt;

    protected Session() {}

    Session(UUID id, UserId userId, Instant createdAt, Instant expiresAt) {
        this.id = id;
        this.userId = userId;
        this.createdAt = createdAt;
        this.expiresAt = expiresAt;
    }

    UUID id() {
        return id;
    }

    UserId userId() {
        return userId;
    }

    boolean isExpired(Instant now) {
        return !expiresAt.isAfter(now);
    }

    @Override
    public String toString() {
        return "Session[" + id + ", since " + createdAt + "]";
    }
}
