package dev.usersapi.user;

import dev.usersapi.http.EntityTag;
import dev.usersapi.role.Roles;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.annotations.OptimisticLock;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** A user account. */
@Entity
@Table(name = "users")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
public class User {

    @EmbeddedId
    private UserId id;

    private String email;
    private String name;
    private String role;
    private UserStatus status;

    @OptimisticLock(excluded = true) // no response shows it, so a change keeps the entity tag
    private @Nullable String passwordHash; // null until a password is set

    @JdbcTypeCode(SqlTypes.JSON)
    private UserSettings settings;

    private Instant createdAt;
    private @Nullable Instant updatedAt;
    private @Nullable Instant lastLogin;

    @Version
    private @Nullable Integer version; // null until stored: tells Spring Data to insert

    protected User() {}

    User(
            UserId id,
            String email,
            String name,
            String role,
            UserStatus status,
            @Nullable String passwordHash,
            UserSettings settings,
            Instant createdAt) {
        this.id = id;
        this.email = email;
        this.name = name;
        this.role = role;
        this.status = status;
        this.passwordHash = passwordHash;
        this.settings = settings;
        this.createdAt = createdAt;
    }

    /** Applies the request. Sets {@code updated_at} only when a value changes. */
    void update(UpdateUserRequest request, Instant now) {
        UserSettings newSettings = request.settings() == null ? settings : UserSettings.of(request.settings());
        boolean changed = differs(email, request.email())
                || differs(name, request.name())
                || changesAccess(request)
                || !settings.equals(newSettings);
        if (changed) {
            email = orElse(request.email(), email);
            name = orElse(request.name(), name);
            role = orElse(request.role(), role);
            status = orElse(request.status(), status);
            settings = newSettings;
            updatedAt = now;
        }
    }

    /** Keeps the password if the new hash is null. */
    void activate(@Nullable String newPasswordHash, Instant now) {
        status = UserStatus.ACTIVE;
        passwordHash = newPasswordHash == null ? passwordHash : newPasswordHash;
        updatedAt = now;
    }

    void changePassword(String newPasswordHash) {
        passwordHash = newPasswordHash;
    }

    void changeEmail(String newEmail, Instant now) {
        email = newEmail;
        updatedAt = now;
    }

    boolean changesAccess(UpdateUserRequest request) {
        return differs(role, request.role()) || differs(status, request.status());
    }

    boolean changesEmail(UpdateUserRequest request) {
        return differs(email, request.email());
    }

    boolean isActiveAdmin() {
        return role.equals(Roles.ADMIN) && isActive();
    }

    public boolean isPending() {
        return status == UserStatus.PENDING;
    }

    public boolean isActive() {
        return status == UserStatus.ACTIVE;
    }

    public UserId id() {
        return id;
    }

    public String email() {
        return email;
    }

    public String name() {
        return name;
    }

    String role() {
        return role;
    }

    UserStatus status() {
        return status;
    }

    @Nullable
    public String passwordHash() {
        return passwordHash;
    }

    UserSettings settings() {
        return settings;
    }

    Instant createdAt() {
        return createdAt;
    }

    @Nullable
    Instant updatedAt() {
        return updatedAt;
    }

    @Nullable
    Instant lastLogin() {
        return lastLogin;
    }

    EntityTag tag() {
        return UserResponse.tag(version == null ? 0 : version, lastLogin);
    }

    private static boolean differs(Object current, @Nullable Object requested) {
        return requested != null && !requested.equals(current);
    }

    private static <T> T orElse(@Nullable T requested, T current) {
        return requested == null ? current : requested;
    }
}
