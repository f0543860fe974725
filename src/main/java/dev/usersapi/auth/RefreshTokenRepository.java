package dev.usersapi.auth;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface RefreshTokenRepository extends Repository<RefreshToken, byte[]> {

    @Query("select t.sessionId from RefreshToken t where t.hash = :hash")
    Optional<UUID> findSessionId(byte[] hash);

    Optional<RefreshToken> findById(byte[] hash);
}
