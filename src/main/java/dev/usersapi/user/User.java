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

/** An account. */
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

    @OptimisticLock(excluded = true) // nobody is shown it, so the version stays
    private @Nullable String passwordHash; // null until somebody sets a password

    @JdbcTypeCode(SqlTypes.JSON)
    private UserSettings settings;

    private Instant createdAt;
    private @Nullable Instant updatedAt;
    private @Nullable Instant lastLogin;

    @Version
    private @Nullable Integer version; // null until stored, which tells a new user from a known one

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

    /** Takes over what the request names, and moves {@code updated_at} only when something changed. */
    void update(UpdateUserRequest request, Instant now) {
        UserSettings wanted = request.settings() == null ? settings : UserSettings.of(request.settings());
        boolean changed = isOther(email, request.email())
                || isOther(name, request.name())
                || changesAccess(request)
                || !settings.equals(wanted);
        if (changed) {
            email = orElse(request.email(), email);
            name = orElse(request.name(), name);
            role = orElse(request.role(), role);
            status = orElse(request.status(), status);
            settings = wanted;
            updatedAt = now;
        }
    }

    /** Lets a pending user in, with a new password where one is given. */
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
        return isOther(role, request.role()) || isOther(status, request.status());
    }

    boolean changesEmail(UpdateUserRequest request) {
        return isOther(email, request.email());
    }

    /** Whether the request would leave this active admin either no admin or not active. */
    boolean stepsDown(UpdateUserRequest request) {
        return isActiveAdmin() && changesAccess(request);
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

    private static boolean isOther(Object present, @Nullable Object wanted) {
        return wanted != null && !wanted.equals(present);
    }

    private static <T> T orElse(@Nullable T wanted, T present) {
        return wanted == null ? present : wanted;
    }
}
