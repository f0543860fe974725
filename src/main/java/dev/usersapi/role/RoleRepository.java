package dev.usersapi.role;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Each read is one statement, with the permissions from the same snapshot. */
@Component
class RoleRepository {

    private static final String SELECT = "select name, description,"
            + " array(select permission from role_permissions where role = name) as permissions from roles ";

    private final JdbcClient database;

    RoleRepository(JdbcClient database) {
        this.database = database;
    }

    /** By name. */
    List<Role> findAll() {
        return database.sql(SELECT + "order by name collate \"C\"")
                .query((row, number) -> role(row))
                .list();
    }

    Optional<Role> find(String name) {
        return database.sql(SELECT + "where name = ?")
                .param(name)
                .query((row, number) -> role(row))
                .optional();
    }

    /** Nobody else changes or deletes the role until the transaction ends; it can be given to users meanwhile. */
    Optional<Role> findForUpdate(String name) {
        // locked first and read then: a statement that waits for a lock still sees the permissions of before
        return database.sql("select name from roles where name = ? for no key update")
                .param(name)
                .query(String.class)
                .optional()
                .flatMap(this::find);
    }

    /** Held to the end of the transaction: who wants to add a role waits here, so that their number can be trusted. */
    void lockNumber() {
        database.sql("select pg_advisory_xact_lock(hashtext('users.roles'))")
                .query()
                .singleRow();
    }

    long count() {
        return database.sql("select count(*) from roles").query(Long.class).single();
    }

    /** False when the name is taken. */
    boolean insert(Role role) {
        int inserted = database.sql("insert into roles (name, description) values (?, ?) on conflict do nothing")
                .params(role.name(), role.description())
                .update();
        if (inserted == 1) {
            setPermissions(role);
        }
        return inserted == 1;
    }

    void update(Role role) {
        database.sql("update roles set description = ? where name = ?")
                .params(role.description(), role.name())
                .update();
        database.sql("delete from role_permissions where role = ?")
                .param(role.name())
                .update();
        setPermissions(role);
    }

    /** Throws {@link org.springframework.dao.DataIntegrityViolationException} when a user has it. */
    void delete(String name) {
        database.sql("delete from roles where name = ?").param(name).update();
    }

    private void setPermissions(Role role) {
        String[] permissions =
                role.permissions().stream().map(Permission::toString).toArray(String[]::new);
        database.sql("insert into role_permissions (role, permission) select ?, unnest(?::text[])")
                .params(role.name(), permissions)
                .update();
    }

    private static Role role(ResultSet row) throws SQLException {
        return new Role(
                row.getString("name"),
                row.getString("description"),
                Permission.sorted(Permission.known(row.getArray("permissions"))));
    }
}
