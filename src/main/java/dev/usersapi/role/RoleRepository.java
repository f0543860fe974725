package dev.usersapi.role;

import java.util.Optional;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

interface RoleRepository extends Repository<Role, String> {

    @Transactional(propagation = Propagation.SUPPORTS, readOnly = true) // no BEGIN and COMMIT around one SELECT
    Optional<Role> findById(String name);
}
