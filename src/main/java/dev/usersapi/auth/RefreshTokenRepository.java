package dev.usersapi.auth;

import dev.usersapi.user.UserId;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface RefreshTokenRepository extends Repository<RefreshToken, byte[]> {

    @Query("select t.sessionId from RefreshToken t where t.hash = :hash")
    Optional<UUID> findSessionId(byte[] hash);

    @Query("select s.userId from RefreshToken t join Session s on s.id = t.sessionId where t.hash = :hash")
    Optional<UserId> findHolder(byte[] hash);

    Optional<RefreshToken> findById(byte[] hash);
}
