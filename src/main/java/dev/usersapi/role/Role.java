package dev.usersapi.role;

import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.Table;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A named set of permissions. Every user has one role. */
@Entity
@Table(name = "roles")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class Role {

    @Id
    private String name;

    private String description;

    // text forms, because a newer version may have stored permissions that this version does not know
    @ElementCollection(fetch = FetchType.EAGER)
    @CollectionTable(name = "role_permissions", joinColumns = @JoinColumn(name = "role"))
    @Column(name = "permission")
    private Set<String> permissions;

    protected Role() {}

    Role(CreateRoleRequest request) {
        name = request.name();
        description = request.description();
        permissions = new HashSet<>(texts(request.permissions()));
    }

    /** Takes over what the request contains. Permissions that this version does not know stay. */
    void update(UpdateRoleRequest request) {
        if (request.description() != null) {
            description = request.description();
        }
        if (request.permissions() != null) {
            Set<String> wanted = texts(request.permissions());
            texts(permissions()).stream().filter(text -> !wanted.contains(text)).forEach(permissions::remove);
            permissions.addAll(wanted);
        }
    }

    String name() {
        return name;
    }

    String description() {
        return description;
    }

    List<Permission> permissions() {
        return Permission.sorted(Permission.known(permissions));
    }

    private static Set<String> texts(Collection<Permission> permissions) {
        return permissions.stream().map(Permission::toString).collect(Collectors.toSet());
    }
}
