package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.http.OpaqueToken;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Exchanges each refresh token once, for its successor. A replay ends the session (RFC 9700 section 4.14.2). */
@Service
class RefreshService {

    private final SessionRepository sessions;
    private final RefreshTokenRepository tokens;
    private final EntityManager entityManager;
    private final SessionService sessionService;
    private final SessionUseRecorder useRecorder;
    private final RefreshTokenReplayReporter replayReporter;
    private final UserService users;
    private final TransactionTemplate transaction;
    private final SessionProperties properties;
    private final Clock clock;
    private final RandomGenerator random;

    RefreshService(
            SessionRepository sessions,
            RefreshTokenRepository tokens,
            EntityManager entityManager,
            SessionService sessionService,
            SessionUseRecorder useRecorder,
            RefreshTokenReplayReporter replayReporter,
            UserService users,
            PlatformTransactionManager transactions,
            SessionProperties properties,
            Clock clock,
            RandomGenerator random) {
        this.sessions = sessions;
        this.tokens = tokens;
        this.entityManager = entityManager;
        this.sessionService = sessionService;
        this.useRecorder = useRecorder;
        this.replayReporter = replayReporter;
        this.users = users;
        this.transaction = new TransactionTemplate(transactions);
        this.properties = properties;
        this.clock = clock;
        this.random = random;
    }

    /** The user whose session a refresh token belongs to, whether or not the token was used. */
    Optional<UserId> findUser(String refreshToken) {
        return tokens.findUser(OpaqueToken.hash(refreshToken));
    }

    /**
     * Exchanges a refresh token for its successor. A used token is accepted again during its grace period, and after
     * it as long as nothing shows that its successor reached the client. Otherwise this is a replay, which ends the
     * session.
     *
     * @throws ProblemException {@link ErrorCode#INVALID_TOKEN}
     */
    OpenSession refresh(String refreshToken, Device device) {
        // read before the transaction waits for the lock of the session: the wait does not use up the grace period
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS); // the precision of PostgreSQL
        Optional<OpenSession> session =
                Objects.requireNonNull(transaction.execute(status -> exchange(refreshToken, device, now)));
        // thrown outside the transaction, so that the end of a replayed session is committed
        return session.orElseThrow(() -> new ProblemException(ErrorCode.INVALID_TOKEN));
    }

    private Optional<OpenSession> exchange(String refreshToken, Device device, Instant now) {
        byte[] hash = OpaqueToken.hash(refreshToken);
        Session session = sessions.findForUpdate(hash, properties.idleSeconds()).orElse(null);
        if (session == null) {
            return Optional.empty();
        }
        RefreshToken token = tokens.findById(hash).orElseThrow(); // cannot be deleted while its session is locked
        Optional<User> user = users.find(session.userId());
        if (isReplay(token, session, now)) {
            user.ifPresent(owner -> replayReporter.report(session, owner));
            sessionService.end(session.id(), session.userId());
            return Optional.empty();
        }
        User active = user.filter(User::isActive).orElse(null);
        if (active == null) {
            return Optional.empty();
        }
        session.recordUse(now, device);
        String successor = exchangeForSuccessor(token, refreshToken, now);
        return Optional.of(new OpenSession(active, session.id(), successor));
    }

    /**
     * Whether the token was superseded, or was exchanged before and the client received the new pair of tokens. The use
     * of either token of the pair proves that it did. A client with the new pair has no reason to present the old token,
     * so somebody else presents it. The access token counts as proof too: otherwise somebody with an old refresh token
     * could take over a session whose owner uses the new access token but has not refreshed yet.
     */
    private boolean isReplay(RefreshToken token, Session session, Instant now) {
        if (!token.isUsed() || token.isInGracePeriod(now)) {
            return false;
        }
        return token.usedAt() == null // never written by this service, but the table permits it
                || unusedSuccessor(token).isEmpty()
                || useRecorder.wasUsedWithTokenIssuedSince(session, token.usedAt());
    }

    private Optional<RefreshToken> unusedSuccessor(RefreshToken token) {
        return Optional.ofNullable(token.successorHash())
                .flatMap(tokens::findById)
                .filter(successor -> !successor.isUsed());
    }

    private String exchangeForSuccessor(RefreshToken token, String text, Instant now) {
        if (token.isInGracePeriod(now)) {
            return token.successor(text);
        }
        unusedSuccessor(token).ifPresent(lost -> lost.supersede(now));
        String successor = token.use(text, now, random);
        entityManager.persist(new RefreshToken(successor, token.sessionId()));
        return successor;
    }
}
