package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.http.OpaqueToken;
import dev.usersapi.http.TypeId;
import dev.usersapi.role.Permission;
import dev.usersapi.user.AccessChanged;
import dev.usersapi.user.Caller;
import dev.usersapi.user.PasswordChanged;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;

/** Sessions and the refresh tokens that keep them going, each good for one successor (RFC 9700 section 4.14.2). */
@Service
class SessionService {

    /** A session with the refresh token that its holder is to use next. */
    record OpenSession(User user, UUID session, String refreshToken) {}

    private final SessionRepository sessions;
    private final RefreshTokenRepository tokens;
    private final EntityManager entities;
    private final SessionUseRecorder uses;
    private final RefreshTokenReplayReporter replay;
    private final UserService users;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final SessionProperties properties;
    private final Clock clock;
    private final RandomGenerator random;

    SessionService(
            SessionRepository sessions,
            RefreshTokenRepository tokens,
            EntityManager entities,
            SessionUseRecorder uses,
            RefreshTokenReplayReporter replay,
            UserService users,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions,
            SessionProperties properties,
            Clock clock,
            RandomGenerator random) {
        this.sessions = sessions;
        this.tokens = tokens;
        this.entities = entities;
        this.uses = uses;
        this.replay = replay;
        this.users = users;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
        this.properties = properties;
        this.clock = clock;
        this.random = random;
    }

    /** Empty when the user changed since the password was checked: then the check counts for nothing. */
    Optional<OpenSession> open(User user, Device device) {
        return inTransaction(() -> {
            if (!users.recordLogin(user)) {
                return Optional.empty();
            }
            Instant now = now();
            Session session =
                    new Session(TypeId.next(now, random), user.id(), now, now.plus(properties.sessionTtl()), device);
            String refreshToken = RefreshToken.newText(random);
            entities.persist(session);
            entities.persist(new RefreshToken(refreshToken, session.id()));
            User current = users.find(user.id()).orElseThrow(); // with its new last_login
            return Optional.of(new OpenSession(current, session.id(), refreshToken));
        });
    }

    /** Whose session a refresh token belongs to, used or not. */
    Optional<UserId> holderOf(String refreshToken) {
        return tokens.findHolder(OpaqueToken.hash(refreshToken));
    }

    /**
     * Exchanges a refresh token for its successor. A used token is accepted again during its grace period, and as long as
     * nothing shows that its successor reached the client. Otherwise this is a replay, which ends the session.
     *
     * @throws ProblemException {@link ErrorCode#INVALID_TOKEN}
     */
    OpenSession refresh(String refreshToken, Device device) {
        Instant now = now(); // before it waits for others who present the same token
        // thrown outside the transaction, because the end of a session must be committed
        return inTransaction(() -> rotate(refreshToken, device, now))
                .orElseThrow(() -> new ProblemException(ErrorCode.INVALID_TOKEN));
    }

    private Optional<OpenSession> rotate(String refreshToken, Device device, Instant now) {
        byte[] hash = OpaqueToken.hash(refreshToken);
        // the session's row is locked first and by everyone, so that a refresh and a log-out cannot deadlock
        Session session = sessions.findForUpdate(hash, properties.idleSeconds()).orElse(null);
        if (session == null) {
            return Optional.empty();
        }
        RefreshToken token = tokens.findById(hash).orElseThrow(); // it is there as long as its session
        Optional<User> holder = users.find(session.userId());
        if (isReplay(token, session, now)) {
            holder.ifPresent(user -> replay.report(session, user));
            end(session.id(), session.userId());
            return Optional.empty();
        }
        return holder.filter(User::isActive).map(user -> {
            session.use(now, device);
            return new OpenSession(user, session.id(), successor(token, refreshToken, now));
        });
    }

    /**
     * Whether the token was exchanged before and the client received the new pair of tokens. The use of either token of
     * the pair proves that it did. A client with the new pair has no reason to present the old token, so somebody else
     * presents it (RFC 9700 section 4.14.2). The access token counts as proof too: otherwise somebody with an old refresh
     * token could take over a session whose owner uses the new access token but has not refreshed yet.
     */
    private boolean isReplay(RefreshToken token, Session session, Instant now) {
        if (!token.isUsed() || token.isInGrace(now)) {
            return false;
        }
        return token.usedAt() == null
                || unusedSuccessor(token).isEmpty()
                || uses.wasUsedWithTokenSince(session, token.usedAt());
    }

    private Optional<RefreshToken> unusedSuccessor(RefreshToken token) {
        return Optional.ofNullable(token.successorHash())
                .flatMap(tokens::findById)
                .filter(successor -> !successor.isUsed());
    }

    private String successor(RefreshToken token, String text, Instant now) {
        if (token.isInGrace(now)) {
            return token.successor(text);
        }
        unusedSuccessor(token).ifPresent(lost -> lost.supersede(now));
        String successor = token.use(text, now, random);
        entities.persist(new RefreshToken(successor, token.sessionId()));
        return successor;
    }

    void end(UUID session, UserId user) {
        transaction.executeWithoutResult(status -> {
            sessions.end(session);
            events.publishEvent(new AccessChanged(user));
        });
    }

    /**
     * Ends one of the user's sessions, which may be the caller's own.
     *
     * @throws ProblemException {@link ErrorCode#SESSION_NOT_FOUND}, or of {@link UserService#requirePowerOver}
     */
    void end(String session, UserId user, Caller caller) {
        requirePowerOver(user, caller);
        transaction.executeWithoutResult(status -> {
            UUID id = TypeId.require(Session.PREFIX, session, ErrorCode.SESSION_NOT_FOUND, "a session's id");
            if (sessions.endLive(id, user, properties.idleSeconds()) == 0) {
                throw new ProblemException(ErrorCode.SESSION_NOT_FOUND);
            }
            events.publishEvent(new AccessChanged(user));
        });
    }

    /**
     * Ends all of the user's sessions but the caller's own.
     *
     * @throws ProblemException of {@link UserService#requirePowerOver}
     */
    void endOthers(UserId user, Caller caller) {
        requirePowerOver(user, caller);
        transaction.executeWithoutResult(status -> {
            sessions.endOthers(user, caller.session().orElse(null));
            events.publishEvent(new AccessChanged(user));
        });
    }

    private void requirePowerOver(UserId user, Caller caller) {
        if (!caller.is(user) || caller.session().isEmpty()) {
            users.requirePowerOver(user, Permission.SESSIONS_DELETE, caller);
        }
    }

    /** Who was locked out and is let in again must log in again: the token may have been why. */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void endOf(AccessChanged change) {
        sessions.endUnlessActive(change.user());
    }

    /** Whoever knew the former password is out. */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void endOthers(PasswordChanged change) {
        sessions.endOthers(change.user(), change.keptSession());
    }

    /** At the precision that PostgreSQL keeps. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private <T> Optional<T> inTransaction(Supplier<Optional<T>> work) {
        return Objects.requireNonNull(transaction.execute(status -> work.get()));
    }
}
