package dev.usersapi.role;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.stereotype.Service;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/** Looks up roles and their permissions, mostly in memory. */
@Service
public class Roles {

    /** The role with all permissions. The last active user who has it is protected. */
    public static final String ADMIN = "admin";

    /** The role of a new user when the request names none. It permits nothing beyond the own account. */
    public static final String DEFAULT = "member";

    static final String NAME = "[a-z][a-z0-9_-]{0,62}";

    private static final Pattern NAME_PATTERN = Pattern.compile(NAME);

    private final RoleRepository roles;
    private volatile Cache<String, Set<Permission>> cache = newCache();

    Roles(RoleRepository roles) {
        this.roles = roles;
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void forget(RoleChanged change) {
        // a new cache instead of an empty one: a look-up that is under way stores its outdated result in the old one
        cache = newCache();
    }

    boolean exists(String name) {
        return permissionsOf(name).isPresent();
    }

    /**
     * Returns the permissions of a role, empty when the role does not exist. A change on another instance counts within
     * three seconds.
     */
    public Optional<Set<Permission>> permissionsOf(String name) {
        Cache<String, Set<Permission>> current = cache;
        Set<Permission> cached = current.getIfPresent(name);
        if (cached != null || !NAME_PATTERN.matcher(name).matches()) {
            return Optional.ofNullable(cached);
        }
        Optional<Set<Permission>> found = roles.findById(name).map(role -> Set.copyOf(role.permissions()));
        found.ifPresent(permissions -> current.put(name, permissions));
        return found;
    }

    private static Cache<String, Set<Permission>> newCache() {
        return Caffeine.newBuilder()
                .maximumSize(1000)
                .expireAfterWrite(Duration.ofSeconds(3)) // the API promises five
                .build();
    }
}
