package dev.usersapi.role;

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

    Roles(RoleRepository roles) {
        this.roles = roles;
    }

    /** The permissions of a role, or empty when there is no such role. */
    public Optional<Set<Permission>> permissionsOf(String name) {
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        return roles.findById(name).map(role -> Permission.known(role.permissions()));
    }
}
