package dev.usersapi.apikey;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.http.TypeId;
import dev.usersapi.role.Permission;
import dev.usersapi.user.UserId;
import jakarta.persistence.AttributeOverride;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An API key as it is stored: with the hash of its secret, not the secret. */
@Entity
@Table(name = "api_keys")
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // Hibernate fills and reads the fields
class ApiKey {

    private static final String TYPE = "key"; // prefix of the text form of ids

    @Id
    private UUID id;

    @Embedded
    @AttributeOverride(name = "value", column = @Column(name = "user_id"))
    private UserId owner;

    private byte[] hash;
    private String name;
    private String prefix;
    private String[] permissions;
    private Instant createdAt;
    private @Nullable Instant expiresAt;
    private @Nullable Instant lastUsedAt;

    protected ApiKey() {}

    ApiKey(UUID id, UserId owner, ApiKeySecret secret, CreateApiKeyRequest request, Instant createdAt) {
        this.id = id;
        this.owner = owner;
        this.hash = secret.hash();
        this.name = request.name();
        this.prefix = secret.shownPrefix();
        this.permissions =
                request.permissions().stream().map(Permission::toString).toArray(String[]::new);
        this.createdAt = createdAt;
        // the precision of PostgreSQL, which rounds up, even to the year 10000 that no response can show
        this.expiresAt =
                request.expiresAt() == null ? null : request.expiresAt().truncatedTo(ChronoUnit.MICROS);
    }

    /** The text form of an id. */
    static String format(UUID id) {
        return TypeId.format(TYPE, id);
    }

    /** Throws {@link ErrorCode#API_KEY_NOT_FOUND} when the text is not the id of an API key. */
    static UUID require(String id) {
        return TypeId.require(TYPE, id, ErrorCode.API_KEY_NOT_FOUND, "a key's id");
    }

    UUID id() {
        return id;
    }

    UserId owner() {
        return owner;
    }

    String name() {
        return name;
    }

    String prefix() {
        return prefix;
    }

    List<Permission> permissions() {
        return Permission.sorted(Permission.known(List.of(permissions)));
    }

    Instant createdAt() {
        return createdAt;
    }

    boolean isExpired(Instant now) {
        return expiresAt != null && !expiresAt.isAfter(now);
    }

    @Nullable
    Instant expiresAt() {
        return expiresAt;
    }

    @Nullable
    Instant lastUsedAt() {
        return lastUsedAt;
    }
}
