package dev.usersapi.role;

import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Reads join a transaction if there is one and start none, which saves BEGIN and COMMIT around a single SELECT. */
@Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
interface RoleRepository extends Repository<Role, String> {

    @Query("select r from Role r left join fetch r.permissions")
    List<Role> findAll();

    Optional<Role> findById(String name);

    /**
     * Locks the role against change and deletion until the transaction ends; users can still be given the role. Reads
     * nothing else, because a statement that waited for the lock would return the permissions from before the wait.
     */
    @Query(nativeQuery = true, value = "select name from roles where name = :name for no key update")
    Optional<String> lock(String name);

    /** Locks the creation of roles until the transaction ends, so that the number of roles can be checked. */
    @Query(nativeQuery = true, value = "select cast(pg_advisory_xact_lock(hashtext('users.roles')) as text)")
    String lockCreation();

    long count();

    void delete(Role role);

    void flush();
}
