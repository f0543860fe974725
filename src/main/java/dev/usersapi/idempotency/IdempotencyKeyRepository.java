package dev.usersapi.idempotency;

import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Stores the encrypted responses, in the column {@code answer}, under the ids of their keys, for 24 hours. */
@Repository
class IdempotencyKeyRepository {

    private final JdbcClient database;

    IdempotencyKeyRepository(JdbcClient database) {
        this.database = database;
    }

    /** Locks the key until the transaction ends. Returns false if another transaction has locked it. */
    boolean tryLock(IdempotencyKey key) {
        return database.sql("select pg_try_advisory_xact_lock(?)")
                .param(key.lockKey())
                .query(Boolean.class)
                .single();
    }

    Optional<byte[]> find(IdempotencyKey key) {
        return database.sql(
                        "select answer from idempotency_keys where id = ? and created_at > now() - interval '24 hours'")
                .param(key.id())
                .query(byte[].class)
                .optional();
    }

    void store(IdempotencyKey key, byte[] encryptedResponse) {
        // an expired row may still exist
        String insertOrReplace = """
                insert into idempotency_keys (id, answer, created_at) values (?, ?, now())
                on conflict (id) do update set answer = excluded.answer, created_at = excluded.created_at""";
        database.sql(insertOrReplace).params(key.id(), encryptedResponse).update();
    }

    void deleteExpired() {
        database.sql("delete from idempotency_keys where created_at <= now() - interval '24 hours'")
                .update();
    }
}
