package dev.usersapi.auth;

import dev.usersapi.user.UserId;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Transactional;

interface SessionRepository extends Repository<Session, UUID> {

    /** Of {@code sessions s} those that still count, for SQL with the parameter {@code idle} in seconds. */
    String LIVE = "s.expires_at > now() and s.last_used_at > now() - make_interval(secs => :idle)";

    @Query(
            nativeQuery = true,
            value = "select s.* from sessions s join refresh_tokens t on t.session_id = s.id"
                    + " where t.hash = :refreshToken and " + LIVE + " for no key update of s")
    Optional<Session> findForUpdate(byte[] refreshToken, long idle);

    @Transactional
    @Modifying
    @Query("delete from Session s where s.id = :id")
    void end(UUID id);

    @Modifying
    @Query(
            nativeQuery = true,
            value = "delete from sessions s where s.id = :id and s.user_id = :#{#user.value} and " + LIVE)
    int endLive(UUID id, UserId user, long idle);

    /** All of a user's, or all but one; locked in order first, so that two of these do not wait for each other. */
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
    void endUnlessActive(UserId user);
}
