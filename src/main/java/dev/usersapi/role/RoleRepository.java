package dev.usersapi.role;

import java.util.Optional;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

interface RoleRepository extends Repository<Role, String> {

    /** A query, because Hibernate's own look-up by id finds nobody where the database fails amid a transaction. */
    @Query("select r from Role r left join fetch r.permissions where r.name = :name")
    @Transactional(propagation = Propagation.SUPPORTS, readOnly = true) // no BEGIN and COMMIT around one SELECT
    Optional<Role> findById(String name);
}
