package dev.usersapi.apikey;

import dev.usersapi.user.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Reads join a transaction if there is one and start none, which saves BEGIN and COMMIT around a single SELECT. */
@Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
interface ApiKeyRepository extends Repository<ApiKey, UUID> {

    Optional<ApiKey> findById(UUID id);

    Optional<ApiKey> findByHash(byte[] hash);

    List<ApiKey> findByOwnerOrderByCreatedAtDescIdDesc(UserId owner);

    long countByOwner(UserId owner);

    /** Locks the owner until the transaction ends, so that keys of one owner are created one after the other. */
    @Query(nativeQuery = true, value = "select id from users where id = :#{#owner.value} for no key update")
    Optional<UUID> lockOwner(UserId owner);

    /** One statement, so that only one of two concurrent deletions returns 1. */
    @Modifying
    @Query("delete from ApiKey k where k.id = :id")
    int delete(UUID id);

    /** One statement for all keys, except those whose use in the last minute is already stored. */
    @Transactional
    @Modifying
    @Query(
            nativeQuery = true,
            value = "update api_keys set last_used_at = :now where id = any (:ids)"
                    + " and (last_used_at is null or last_used_at < cast(:now as timestamptz) - interval '1 minute')")
    void recordUse(UUID[] ids, Instant now);
}
