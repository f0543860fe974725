package dev.usersapi.auth;

import dev.usersapi.user.UserId;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/**
 * Stores sessions. Queries are native SQL where JPQL lacks time arithmetic, {@code for no key update} or {@code using}.
 * The clock of the database decides which sessions have expired, because the clocks of the instances can differ. New
 * rows are stored by {@code EntityManager.persist}, because {@code save} would read the row before the insert.
 */
interface SessionRepository extends Repository<Session, UUID> {

    /** An SQL condition on {@code sessions s}; the parameter {@code idle} is {@link SessionProperties#idleSeconds}. */
    String NOT_EXPIRED = "s.expires_at > now() and s.last_used_at > now() - make_interval(secs => :idle)";

    /** Locks the session first, as all writers do, so that a refresh and a logout cannot deadlock. */
    @Query(
            nativeQuery = true,
            value = "select s.* from sessions s join refresh_tokens t on t.session_id = s.id"
                    + " where t.hash = :tokenHash and " + NOT_EXPIRED + " for no key update of s")
    Optional<Session> findForUpdate(byte[] tokenHash, long idle);

    @Modifying
    @Query("delete from Session s where s.id = :id")
    void end(UUID id);

    @Modifying
    @Query(
            nativeQuery = true,
            value = "delete from sessions s where s.id = :id and s.user_id = :#{#user.value} and " + NOT_EXPIRED)
    int endUnlessExpired(UUID id, UserId user, long idle);

    /** Ends all sessions of a user except the one to keep. Locks them in order, so that two calls cannot deadlock. */
    @Modifying
    @Query(
            nativeQuery = true,
            value = "delete from sessions where id in (select id from sessions where user_id = :#{#user.value}"
                    + " and id is distinct from cast(:kept as uuid) order by id for update)")
    int endOthers(UserId user, @Nullable UUID kept);

    @Modifying
    @Query(
            nativeQuery = true,
            value = "delete from sessions s using users u"
                    + " where s.user_id = :#{#user.value} and u.id = s.user_id and u.status <> 'active'")
    void endAllUnlessActive(UserId user);
}
