package dev.usersapi.auth;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Writes many uses of sessions in one SQL statement, so that thousands of sessions cost one round trip. */
@Repository
class SessionUseRepository {

    private final JdbcClient database;

    SessionUseRepository(JdbcClient database) {
        this.database = database;
    }

    /**
     * Writes what is newer than the stored values. Skips locked rows, so that it cannot deadlock with requests.
     *
     * @return the sessions that were skipped
     */
    Set<UUID> write(Map<UUID, SessionUse> uses) {
        return database.sql("""
                        with recorded as (
                            select * from unnest(cast(:ids as uuid[]), cast(:times as timestamptz[]),
                                cast(:issued as timestamptz[])) as recorded (id, used_at, issued_at)
                        ), newer as (
                            select recorded.* from recorded join sessions s on s.id = recorded.id
                                and (s.last_used_at < recorded.used_at or s.newest_token_issued_at is null
                                    or s.newest_token_issued_at < recorded.issued_at)
                        ), unlocked as (
                            select newer.* from newer join sessions s on s.id = newer.id
                            for no key update of s skip locked
                        ), written as (
                            update sessions s set last_used_at = greatest(s.last_used_at, unlocked.used_at),
                                newest_token_issued_at = greatest(s.newest_token_issued_at, unlocked.issued_at)
                            from unlocked where s.id = unlocked.id
                            returning s.id
                        )
                        select id from newer except select id from written""")
                .param("ids", uses.keySet().stream().map(UUID::toString).toArray(String[]::new))
                .param("times", texts(uses, SessionUse::time))
                .param("issued", texts(uses, SessionUse::newestTokenIssuedAt))
                .query(UUID.class)
                .set();
    }

    private static String[] texts(Map<UUID, SessionUse> uses, Function<SessionUse, Instant> part) {
        return uses.values().stream().map(part).map(Instant::toString).toArray(String[]::new);
    }
}
