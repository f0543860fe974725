package dev.usersapi.apikey;

import dev.usersapi.role.Permission;
import dev.usersapi.user.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

@Component
class ApiKeyRepository {

    /** What never changes of a key. */
    record Identity(UUID id, UserId owner, @Nullable Instant expiresAt) {}

    private final JdbcClient database;

    ApiKeyRepository(JdbcClient database) {
        this.database = database;
    }

    Optional<Identity> findByHash(byte[] hash) {
        return database.sql("select id, user_id, expires_at from api_keys where hash = ?")
                .param(hash)
                .query((row, number) -> new Identity(
                        row.getObject("id", UUID.class),
                        new UserId(row.getObject("user_id", UUID.class)),
                        instant(row, "expires_at")))
                .optional();
    }

    /** Those of the key's permissions that its owner holds now; empty without the key or while the owner is not active. */
    Optional<Set<Permission>> findPermissions(UUID id) {
        return database.sql("""
                        select array(select permission from role_permissions p
                            where p.role = u.role and p.permission = any (k.permissions)) as permissions
                        from api_keys k join users u on u.id = k.user_id
                        where k.id = ? and u.status = 'active'""")
                .param(id)
                .query((row, number) -> Permission.known(row.getArray("permissions")))
                .optional();
    }

    /** Newest first. */
    List<ApiKey> findByOwner(UserId owner) {
        return database.sql("select id, name, prefix, permissions, created_at, expires_at, last_used_at from api_keys"
                        + " where user_id = ? order by created_at desc, id desc")
                .param(owner.value())
                .query(ApiKeyRepository::key)
                .list();
    }

    /** A key of the owner, or, where that is null, of any user. */
    Optional<ApiKey> find(UUID id, @Nullable UserId owner) {
        return database.sql("select id, name, prefix, permissions, created_at, expires_at, last_used_at from api_keys"
                        + " where id = :id and (:owner::uuid is null or user_id = :owner)")
                .param("id", id)
                .param("owner", owner == null ? null : owner.value())
                .query(ApiKeyRepository::key)
                .optional();
    }

    private static ApiKey key(ResultSet row, int number) throws SQLException {
        return new ApiKey(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("prefix"),
                Permission.sorted(Permission.known(row.getArray("permissions"))),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                instant(row, "expires_at"),
                instant(row, "last_used_at"));
    }

    Optional<UserId> findOwner(UUID id) {
        return database.sql("select user_id from api_keys where id = ?")
                .param(id)
                .query((row, number) -> new UserId(row.getObject("user_id", UUID.class)))
                .optional();
    }

    /** Held to the end of the transaction: who wants to add a key waits here. False when the user is gone. */
    boolean lockOwner(UserId owner) {
        return database.sql("select id from users where id = ? for no key update")
                .param(owner.value())
                .query()
                .optionalValue()
                .isPresent();
    }

    /** False when the owner, who must be locked, has {@code most} keys already. */
    boolean insert(ApiKey key, UserId owner, byte[] hash, int most) {
        return database.sql("""
                        insert into api_keys (id, user_id, hash, name, prefix, permissions, created_at, expires_at)
                        select :id, :owner, :hash, :name, :prefix, :permissions::text[], :created_at,
                            :expires_at::timestamptz
                        where (select count(*) from api_keys where user_id = :owner) < :most""")
                        .param("id", key.id())
                        .param("owner", owner.value())
                        .param("hash", hash)
                        .param("name", key.name())
                        .param("prefix", key.prefix())
                        .param(
                                "permissions",
                                key.permissions().stream()
                                        .map(Permission::toString)
                                        .toArray(String[]::new))
                        .param("created_at", time(key.createdAt()))
                        .param("expires_at", key.expiresAt() == null ? null : time(key.expiresAt()))
                        .param("most", most)
                        .update()
                == 1;
    }

    /** False when it is gone already. */
    boolean delete(UUID id) {
        return database.sql("delete from api_keys where id = ?").param(id).update() == 1;
    }

    /** Writes a use of each of the keys, unless one of the minute before is there. */
    void recordUse(Collection<UUID> ids, Instant now) {
        database.sql("update api_keys set last_used_at = :now where id = any (:ids)"
                        + " and (last_used_at is null or last_used_at < :now - interval '1 minute')")
                .param("now", time(now))
                .param("ids", ids.toArray(new UUID[0]))
                .update();
    }

    private static OffsetDateTime time(Instant instant) {
        return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
