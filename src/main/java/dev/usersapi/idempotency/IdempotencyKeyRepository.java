package dev.usersapi.idempotency;

import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The keys that have an answer. */
@Repository
class IdempotencyKeyRepository {

    private final JdbcClient database;

    IdempotencyKeyRepository(JdbcClient database) {
        this.database = database;
    }

    /** Keeps all others from using the key until the transaction ends; false where one of them does. */
    boolean lock(IdempotencyKey key) {
        return database.sql("select pg_try_advisory_xact_lock(?)")
                .param(key.lock())
                .query(Boolean.class)
                .single();
    }

    /** The answer, encrypted. */
    Optional<byte[]> find(IdempotencyKey key) {
        return database.sql(
                        "select answer from idempotency_keys where id = ? and created_at > now() - interval '24 hours'")
                .param(key.id())
                .query(byte[].class)
                .optional();
    }

    void store(IdempotencyKey key, byte[] answer) {
        // one that has expired may still be there
        database.sql("""
                        insert into idempotency_keys (id, answer, created_at) values (?, ?, now())
                        on conflict (id) do update set answer = excluded.answer, created_at = excluded.created_at""").params(key.id(), answer).update();
    }

    void deleteExpired() {
        database.sql("delete from idempotency_keys where created_at <= now() - interval '24 hours'")
                .update();
    }
}
