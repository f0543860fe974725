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

/** Stores users. Reads join a current transaction but start none, which saves BEGIN and COMMIT around one SELECT. */
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
    Optional<String> findAdminEmail();

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select u from User u where u.id = :id")
    Optional<User> findForUpdate(UserId id);

    /** Until the transaction ends, other transactions that remove an active admin or create the first admin wait. */
    @Query(nativeQuery = true, value = "select cast(pg_advisory_xact_lock(hashtext('users.admins')) as text)")
    String lockAdmins();

    /**
     * Until the transaction ends, other transactions that change an e-mail wait. Without this lock, two users who take each
     * other's e-mail would deadlock, which PostgreSQL detects only after {@code deadlock_timeout} (1 s).
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

    /** Returns 0 when the user is not active, or does not have this password any more. */
    @Modifying
    @Query("update User u set u.lastLogin = :now"
            + " where u.id = :id and u.status = UserStatus.ACTIVE and u.passwordHash = :passwordHash")
    int recordLogin(UserId id, @Nullable String passwordHash, Instant now);

    /** Changes nothing when the user does not have this password any more. Does not set {@code updated_at}. */
    @Transactional
    @Modifying
    @Query("update User u set u.passwordHash = :renewed where u.id = :id and u.passwordHash = :passwordHash")
    void renewPasswordHash(UserId id, String passwordHash, String renewed);
}
