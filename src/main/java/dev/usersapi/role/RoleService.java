package dev.usersapi.role;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import jakarta.persistence.EntityManager;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Reads and changes roles. A caller can only create, change or delete roles whose permissions they hold, before and
 * after the change. Every method throws {@link ProblemException} with the code of the rule that a call breaks.
 */
@Service
class RoleService {

    private static final int MAX_ROLES = 1000; // the list is one response without pages

    private final RoleRepository roles;
    private final EntityManager entityManager;
    private final ApplicationEventPublisher events;

    RoleService(RoleRepository roles, EntityManager entityManager, ApplicationEventPublisher events) {
        this.roles = roles;
        this.entityManager = entityManager;
        this.events = events;
    }

    List<Role> list() {
        return roles.findAll().stream().sorted(Comparator.comparing(Role::name)).toList();
    }

    Role get(String name) {
        return roles.findById(name).orElseThrow(() -> new ProblemException(ErrorCode.ROLE_NOT_FOUND));
    }

    /** Builds the role, without storing it, if the caller may create it. */
    Role prepare(CreateRoleRequest request, PermissionHolder caller) {
        requirePermissions(request.permissions(), caller);
        return new Role(request);
    }

    @Transactional
    void create(Role role, PermissionHolder caller) {
        requirePermissions(role.permissions(), caller);
        roles.lockCreation();
        entityManager.persist(role); // save() of Spring Data would overwrite a role with the same name
        try {
            roles.flush();
        } catch (DataIntegrityViolationException e) { // validated values can violate the primary key only
            throw new ProblemException(ErrorCode.ROLE_TAKEN);
        }
        if (roles.count() > MAX_ROLES) {
            throw new ProblemException(ErrorCode.TOO_MANY_ROLES);
        }
    }

    @Transactional
    Role update(String name, UpdateRoleRequest request, PermissionHolder caller) {
        if (request.name() != null && !request.name().equals(name)) {
            throw new InvalidRequestException(
                    Fault.inBody("/name", "invalid_value", "must be the name in the path: roles cannot be renamed"));
        }
        Role role = getForUpdate(name, caller);
        List<Permission> former = role.permissions();
        role.update(request);
        requirePermissions(role.permissions(), caller);
        if (!role.permissions().equals(former)) {
            if (name.equals(Roles.ADMIN)) {
                throw new ProblemException(ErrorCode.ROLE_PROTECTED);
            }
            events.publishEvent(new RoleChanged(name));
        }
        return role;
    }

    @Transactional
    void delete(String name, PermissionHolder caller) {
        Role role = getForUpdate(name, caller);
        if (name.equals(Roles.ADMIN) || name.equals(Roles.DEFAULT)) {
            throw new ProblemException(ErrorCode.ROLE_PROTECTED);
        }
        try {
            roles.delete(role);
            roles.flush();
        } catch (DataIntegrityViolationException e) { // only users refer to roles
            throw new ProblemException(ErrorCode.ROLE_IN_USE);
        }
        events.publishEvent(new RoleChanged(name));
    }

    private Role getForUpdate(String name, PermissionHolder caller) {
        Role role = roles.lock(name)
                .flatMap(roles::findById)
                .orElseThrow(() -> new ProblemException(ErrorCode.ROLE_NOT_FOUND));
        requirePermissions(role.permissions(), caller);
        return role;
    }

    /**
     * Requires {@code roles:write} and the given permissions. The security configuration checked {@code roles:write}
     * when the request began, but the body can take long to arrive, and the caller can lose the permission meanwhile.
     */
    private static void requirePermissions(List<Permission> permissions, PermissionHolder caller) {
        Set<Permission> held = caller.permissions();
        if (!held.contains(Permission.ROLES_WRITE) || !held.containsAll(permissions)) {
            throw new ProblemException(ErrorCode.INSUFFICIENT_PERMISSIONS);
        }
    }
}
