package dev.usersapi.auth;

import dev.usersapi.user.UserId;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Transactional;

interface SessionRepository extends Repository<Session, UUID> {

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select s from Session s where s.id = :id")
    Optional<Session> findForUpdate(UUID id);

    @Transactional
    @Modifying
    @Query("delete from Session s where s.id = :id")
    void end(UUID id);

    @Modifying
    @Query(
            nativeQuery = true,
            value = "delete from sessions s using users u"
                    + " where s.user_id = :#{#user.value} and u.id = s.user_id and u.status <> 'active'")
    void endUnlessActive(UserId user);

    @Transactional
    @Modifying
    @Query("delete from Session s where s.expiresAt < :now")
    int deleteExpired(Instant now);
}
