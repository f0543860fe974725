package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import dev.usersapi.role.ExistingRole;
import dev.usersapi.role.Permission;
import dev.usersapi.role.Roles;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * The rules that say which changes a caller can make to which users. Each method throws {@link ProblemException} with the
 * error code of the rule that the change breaks.
 */
@Component
class UserChangeRules {

    private final UserRepository users;
    private final Roles roles;

    UserChangeRules(UserRepository users, Roles roles) {
        this.users = users;
        this.roles = roles;
    }

    void checkUpdate(User user, UpdateUserRequest request, Caller caller) {
        boolean own = caller.is(user.id());
        if (own) {
            requireOwnChange(user, request);
        }
        if (!own || caller.session().isEmpty()) {
            requirePermissionToManage(user.role(), Permission.USERS_WRITE, caller);
        }
        if (request.role() != null && !request.role().equals(user.role())) {
            requirePermissionToAssign(request.role(), caller);
        }
        if (user.isActiveAdmin() && user.changesAccess(request)) {
            requireOtherActiveAdmin(user.id());
        }
    }

    void checkDelete(User user, Caller caller) {
        requirePermissionToManage(user.role(), Permission.USERS_DELETE, caller);
        if (user.isActiveAdmin()) {
            requireOtherActiveAdmin(user.id());
        }
    }

    /** A caller can only grant, change or delete what their own permissions cover. */
    void requirePermissionToManage(String role, Permission permission, Caller caller) {
        requirePermissions(permission, roles.permissionsOf(role), caller);
    }

    void requirePermissionToAssign(String role, Caller caller) {
        Optional<Set<Permission>> permissions = roles.permissionsOf(role);
        if (permissions.isEmpty()) {
            throw unknownRole();
        }
        requirePermissions(Permission.USERS_WRITE, permissions, caller);
    }

    /** The error when the role of a request has been deleted since it was validated. */
    static InvalidRequestException unknownRole() {
        return new InvalidRequestException(Fault.inBody("/role", "invalid_value", ExistingRole.MESSAGE));
    }

    static void requireOther(UserId id, Caller caller) {
        if (caller.is(id)) {
            throw new ProblemException(ErrorCode.OWN_ACCOUNT);
        }
    }

    private static void requirePermissions(
            Permission permission, Optional<Set<Permission>> permissionsOfRole, Caller caller) {
        Set<Permission> held = caller.permissions();
        boolean covered = held.contains(permission)
                && permissionsOfRole.map(held::containsAll).orElse(false);
        if (!covered) {
            throw new ProblemException(ErrorCode.INSUFFICIENT_PERMISSIONS);
        }
    }

    /** Users can change their own name and settings here. */
    private static void requireOwnChange(User self, UpdateUserRequest request) {
        if (self.changesAccess(request)) {
            throw new ProblemException(ErrorCode.OWN_ROLE_OR_STATUS);
        }
        // With control of the e-mail one can reset the password, so a stolen access token must not change the e-mail.
        if (self.changesEmail(request)) {
            throw new ProblemException(ErrorCode.OWN_EMAIL);
        }
    }

    private void requireOtherActiveAdmin(UserId id) {
        users.lockAdmins();
        if (!users.hasOtherActiveAdmin(id)) {
            throw new ProblemException(ErrorCode.LAST_ADMIN);
        }
    }
}
