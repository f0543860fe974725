package dev.usersapi.auth;

import dev.usersapi.user.UserId;
import java.util.Optional;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Reads refresh tokens by the hash of their text. */
interface RefreshTokenRepository extends Repository<RefreshToken, byte[]> {

    @Query("select s.userId from RefreshToken t join Session s on s.id = t.sessionId where t.hash = :hash")
    Optional<UserId> findUser(byte[] hash);

    Optional<RefreshToken> findById(byte[] hash);
}
