package dev.usersapi.totp;

import dev.usersapi.user.UserId;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Reads join a transaction if there is one and start none, which saves BEGIN and COMMIT around a single SELECT. */
@Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
interface SecondFactorRepository extends Repository<SecondFactor, UserId> {

    /** The confirmed second factor of a user, null without one; no element at all for an unknown user. */
    @Query("select f from User u left join SecondFactor f on f.userId = u.id and f.confirmedAt is not null"
            + " where u.id = :userId")
    List<@Nullable SecondFactor> findConfirmedOfUser(UserId userId);

    boolean existsByUserIdAndConfirmedAtIsNotNull(UserId userId);

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select f from SecondFactor f where f.userId = :userId")
    Optional<SecondFactor> findForUpdate(UserId userId);

    /**
     * Stores a secret that is not confirmed yet and replaces an earlier one that is not confirmed. One statement, so
     * that a confirmation at the same time is not overwritten. Returns 0 when the second factor is confirmed or the
     * user is gone.
     */
    @Transactional
    @Modifying
    @Query(nativeQuery = true, value = """
            insert into totp (user_id, secret, created_at)
            select id, :secret, :now from users where id = :#{#userId.value} for key share
            on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at
            where totp.confirmed_at is null""")
    int enrol(UserId userId, byte[] secret, Instant now);

    @Transactional
    @Modifying
    @Query("update SecondFactor f set f.wrongCodes = 0, f.retryAt = null where f.userId = :userId")
    void endDelay(UserId userId);

    void delete(SecondFactor factor);
}
