package dev.usersapi.token;

import com.nimbusds.jose.jwk.RSAKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.text.ParseException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The signing keys in the database, which all instances share.
 *
 * <p>It uses SQL, because most statements treat two tables as one list, which takes more code with JPA:
 * {@code signing_keys} holds the keys that the service generates, {@code configured_signing_keys} the public parts of
 * those from the configuration.
 */
@Repository
class SigningKeyRepository {

    private final JdbcClient database;

    SigningKeyRepository(JdbcClient database) {
        this.database = database;
    }

    List<SigningKey> findAll() {
        String select = """
                select jwk, created_at, signs_from, used_at from signing_keys
                union all
                select jwk, created_at, created_at, used_at from configured_signing_keys""";
        return database.sql(select).query((row, number) -> toKey(row)).list();
    }

    /** Locks the keys against changes by other transactions until this one ends. */
    void lock() {
        database.sql("select pg_advisory_xact_lock(hashtext('users.signing_keys'))")
                .query()
                .singleRow();
    }

    void insert(SigningKey key) {
        database.sql("insert into signing_keys (id, jwk, created_at, signs_from, used_at) values (?, ?, ?, ?, ?)")
                .params(
                        key.id(),
                        key.jwk().toJSONString(),
                        timestamp(key.createdAt()),
                        timestamp(key.signsFrom()),
                        timestamp(key.usedAt()))
                .update();
    }

    /** Stores the public part of a key from the configuration. */
    void publish(SigningKey key) {
        database.sql("""
                        insert into configured_signing_keys (id, jwk, created_at, used_at) values (?, ?, ?, ?)
                        on conflict do nothing""")
                .params(
                        key.id(),
                        key.jwk().toPublicJWK().toJSONString(),
                        timestamp(key.createdAt()),
                        timestamp(key.usedAt()))
                .update();
    }

    /** Stores that the key is known to be the one that signs at this time. */
    void recordUse(SigningKey key, Instant now) {
        String update = """
                with configured as (update configured_signing_keys set used_at = :now where id = :id)
                update signing_keys set used_at = :now where id = :id""";
        database.sql(update).param("now", timestamp(now)).param("id", key.id()).update();
    }

    /** Lets the key sign at once. */
    void promote(SigningKey key, Instant now) {
        database.sql("update signing_keys set signs_from = :now, used_at = :now where id = :id")
                .param("now", timestamp(now))
                .param("id", key.id())
                .update();
    }

    /** Deletes the key unless another use of it was recorded since it was read. */
    void deleteUnlessUsedAgain(SigningKey key) {
        database.sql("""
                        with configured as (delete from configured_signing_keys where id = :id and used_at = :used)
                        delete from signing_keys where id = :id and used_at = :used""")
                .param("id", key.id())
                .param("used", timestamp(key.usedAt()))
                .update();
    }

    void delete(SigningKey key) {
        database.sql("""
                        with configured as (delete from configured_signing_keys where id = :id)
                        delete from signing_keys where id = :id""").param("id", key.id()).update();
    }

    private static SigningKey toKey(ResultSet row) throws SQLException {
        try {
            return new SigningKey(
                    RSAKey.parse(row.getString("jwk")),
                    instant(row, "created_at"),
                    instant(row, "signs_from"),
                    instant(row, "used_at"));
        } catch (ParseException e) {
            throw new IllegalStateException("The database holds a signing key that is not an RSA key in JSON", e);
        }
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime timestamp(Instant instant) {
        return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }
}
