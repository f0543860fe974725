package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.AccessChanged;
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
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;

/** Sessions and the refresh tokens that keep them going, each used once (RFC 9700 section 4.14.2). */
@Service
class SessionService {

    /** A session with the refresh token that its holder is to use next. */
    record Opened(User user, UUID session, String refreshToken) {}

    private final SessionRepository sessions;
    private final RefreshTokenRepository tokens;
    private final EntityManager entities;
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
            UserService users,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions,
            SessionProperties properties,
            Clock clock,
            RandomGenerator random) {
        this.sessions = sessions;
        this.tokens = tokens;
        this.entities = entities;
        this.users = users;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
        this.properties = properties;
        this.clock = clock;
        this.random = random;
    }

    /** Empty when the user changed since the password was checked: then the check counts for nothing. */
    Optional<Opened> open(User user) {
        return inTransaction(() -> {
            if (!users.recordLogin(user)) {
                return Optional.empty();
            }
            Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
            Session session = new Session(UUID.randomUUID(), user.id(), now, now.plus(properties.sessionTtl()));
            entities.persist(session);
            User current = users.find(user.id()).orElseThrow(); // with its new last_login
            return Optional.of(new Opened(current, session.id(), newToken(session.id())));
        });
    }

    /** Whose session a refresh token belongs to, used or not. */
    Optional<UserId> holderOf(String refreshToken) {
        return tokens.findHolder(RefreshToken.hash(refreshToken));
    }

    /**
     * Takes a refresh token for a new one. One that was used before ends its session.
     *
     * @throws ProblemException {@link ErrorCode#INVALID_TOKEN}
     */
    Opened refresh(String refreshToken) {
        byte[] hash = RefreshToken.hash(refreshToken);
        // thrown outside the transaction, because the end of a session must be committed
        return inTransaction(() -> rotate(hash)).orElseThrow(() -> new ProblemException(ErrorCode.INVALID_TOKEN));
    }

    private Optional<Opened> rotate(byte[] hash) {
        // the session's row is locked first and by everyone, so that a refresh and a log-out cannot deadlock
        Session session =
                tokens.findSessionId(hash).flatMap(sessions::findForUpdate).orElse(null);
        RefreshToken token = session == null ? null : tokens.findById(hash).orElse(null);
        if (session == null || token == null || session.isExpired(clock.instant())) {
            return Optional.empty();
        }
        if (token.isUsed()) {
            end(session.id(), session.userId());
            return Optional.empty();
        }
        return users.find(session.userId()).filter(User::isActive).map(user -> {
            token.use();
            return new Opened(user, session.id(), newToken(session.id()));
        });
    }

    void end(UUID session, UserId user) {
        transaction.executeWithoutResult(status -> {
            sessions.end(session);
            events.publishEvent(new AccessChanged(user));
        });
    }

    /** Who was locked out and is let in again must log in again: the token may have been why. */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void endOf(AccessChanged change) {
        sessions.endUnlessActive(change.user());
    }

    @Scheduled(fixedDelayString = "PT1H")
    void deleteExpired() {
        sessions.deleteExpired(clock.instant());
    }

    private String newToken(UUID session) {
        String text = RefreshToken.newText(random);
        entities.persist(new RefreshToken(text, session));
        return text;
    }

    private <T> Optional<T> inTransaction(Supplier<Optional<T>> work) {
        return Objects.requireNonNull(transaction.execute(status -> work.get()));
    }
}
