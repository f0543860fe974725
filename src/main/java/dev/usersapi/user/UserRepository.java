package dev.usersapi.user;

import jakarta.persistence.LockModeType;
import java.time.Instant;
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

    Optional<User> findById(UserId id);

    @Query(
            nativeQuery = true,
            value = "select * from users where lower(email collate \"C\") = lower(:email collate \"C\")")
    Optional<User> findByEmail(String email);

    @Query(nativeQuery = true, value = "select exists (select 1 from users)")
    boolean hasAny();

    @Query(
            nativeQuery = true,
            value =
                    "select email from users where role = 'admin' and status = 'active' order by created_at, id limit 1")
    Optional<String> findEmailOfAnAdmin();

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select u from User u where u.id = :id")
    Optional<User> findForUpdate(UserId id);

    /** Held to the end of the transaction: who wants to take away an admin, or make the first one, waits here. */
    @Query(nativeQuery = true, value = "select cast(pg_advisory_xact_lock(hashtext('users.admins')) as text)")
    String lockAdmins();

    /**
     * Held to the end of the transaction: who changes an e-mail waits here. Changes that take each other's would deadlock,
     * of which PostgreSQL becomes aware a second later.
     */
    @Query(nativeQuery = true, value = "select cast(pg_advisory_xact_lock(hashtext('users.emails')) as text)")
    String lockEmails();

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
    int recordLogin(UserId id, @Nullable String passwordHash, Instant now);

    /** Leaves a password that was changed since the user was read, and when the user changed last. */
    @Transactional
    @Modifying
    @Query("update User u set u.passwordHash = :renewed where u.id = :id and u.passwordHash = :passwordHash")
    void renewPasswordHash(UserId id, String passwordHash, String renewed);
}
