package dev.usersapi.user;

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

/** Reads join a transaction that is there and start none: no BEGIN and COMMIT around one SELECT. */
@Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
interface UserRepository extends Repository<User, UserId> {

    String FILTER = " where (cast(:status as text) is null or status = :status)"
            + " and (cast(:role as text) is null or role = :role)";

    Optional<User> findById(UserId id);

    @Query("select u from User u where lower(u.email) = lower(:email)")
    Optional<User> findByEmail(String email);

    @Query(
            nativeQuery = true,
            value = "select * from users" + FILTER + " order by created_at desc, id desc limit :limit offset :offset")
    List<User> findPage(@Nullable String status, @Nullable String role, int limit, long offset);

    @Query(nativeQuery = true, value = "select count(*) from users" + FILTER)
    long count(@Nullable String status, @Nullable String role);

    @Query(nativeQuery = true, value = "select exists (select 1 from users)")
    boolean hasAny();

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select u from User u where u.id = :id")
    Optional<User> findForUpdate(UserId id);

    /** Held to the end of the transaction: who wants to take away an admin, or make the first one, waits here. */
    @Query(nativeQuery = true, value = "select cast(pg_advisory_xact_lock(hashtext('users.admins')) as text)")
    String lockAdmins();

    @Query(
            nativeQuery = true,
            value =
                    "select exists (select 1 from users where role = 'admin' and status = 'active' and id <> :#{#id.value})")
    boolean hasOtherActiveAdmin(UserId id);

    User save(User user);

    void delete(User user);

    void flush();

    /** Returns 0 when the user was deleted, deactivated or given another password since it was read. */
    @Modifying
    @Query("update User u set u.lastLogin = :now"
            + " where u.id = :id and u.status = UserStatus.ACTIVE and u.passwordHash = :passwordHash")
    int recordLogin(UserId id, String passwordHash, Instant now);
}
