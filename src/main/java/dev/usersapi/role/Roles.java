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

/** The roles that exist and what each permits. */
@Service
public class Roles {

    /** The role that can do everything; the last active user who has it is protected. */
    public static final String ADMIN = "admin";

    /** What a user gets where nobody says otherwise: nothing beyond their own account. */
    public static final String DEFAULT = "member";

    static final String NAME = "[a-z][a-z0-9_-]{0,62}";

    private static final Pattern NAMES = Pattern.compile(NAME);

    private final RoleRepository roles;
    private volatile Cache<String, Set<Permission>> known = nothing();

    Roles(RoleRepository roles) {
        this.roles = roles;
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void forget(RoleChanged change) {
        known = nothing(); // not emptied: what somebody is just looking up goes into the old one
    }

    boolean exists(String name) {
        return permissionsOf(name).isPresent();
    }

    /** The permissions of a role, as they are or were a moment ago; empty when there is no such role. */
    public Optional<Set<Permission>> permissionsOf(String name) {
        Cache<String, Set<Permission>> memory = known;
        Set<Permission> remembered = memory.getIfPresent(name);
        if (remembered != null || !NAMES.matcher(name).matches()) {
            return Optional.ofNullable(remembered);
        }
        Optional<Set<Permission>> found = roles.findById(name).map(role -> Set.copyOf(role.permissions()));
        found.ifPresent(permissions -> memory.put(name, permissions));
        return found;
    }

    private static Cache<String, Set<Permission>> nothing() {
        return Caffeine.newBuilder()
                .maximumSize(1000)
                .expireAfterWrite(Duration.ofSeconds(3)) // within the five that the API promises
                .build();
    }
}
