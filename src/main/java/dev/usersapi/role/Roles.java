package dev.usersapi.role;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.stereotype.Service;

/** The roles that exist and what each permits. */
@Service
public class Roles {

    /** The role that can do everything; the last active user who has it is protected. */
    public static final String ADMIN = "admin";

    /** What a user gets where nobody says otherwise: nothing beyond their own account. */
    public static final String DEFAULT = "member";

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,62}");

    private final RoleRepository roles;
    private final Cache<String, Boolean> existing = Caffeine.newBuilder()
            .maximumSize(1000)
            .expireAfterWrite(Duration.ofSeconds(3))
            .build();

    Roles(RoleRepository roles) {
        this.roles = roles;
    }

    /** Remembers for seconds those that do: a foreign key guards what is written, and a list shall not ask twice. */
    boolean exists(String name) {
        if (existing.getIfPresent(name) != null) {
            return true;
        }
        boolean found = permissionsOf(name).isPresent();
        if (found) {
            existing.put(name, true);
        }
        return found;
    }

    /** The permissions of a role, or empty when there is no such role. */
    public Optional<Set<Permission>> permissionsOf(String name) {
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        return roles.findById(name).map(role -> Permission.known(role.permissions()));
    }
}
