package dev.usersapi.auth;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
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
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/** Opens sessions and ends them. */
@Service
class SessionService {

    private final SessionRepository sessions;
    private final EntityManager entityManager;
    private final UserService users;
    private final ApplicationEventPublisher events;
    private final SessionProperties properties;
    private final Clock clock;
    private final RandomGenerator random;

    SessionService(
            SessionRepository sessions,
            EntityManager entityManager,
            UserService users,
            ApplicationEventPublisher events,
            SessionProperties properties,
            Clock clock,
            RandomGenerator random) {
        this.sessions = sessions;
        this.entityManager = entityManager;
        this.users = users;
        this.events = events;
        this.properties = properties;
        this.clock = clock;
        this.random = random;
    }

    /** Opens a session; empty if the user has changed since the password was checked, so that the check is void. */
    @Transactional
    Optional<OpenSession> open(User user, Device device) {
        if (!users.recordLogin(user)) {
            return Optional.empty();
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS); // the precision of PostgreSQL
        Session session =
                new Session(TypeId.next(now, random), user.id(), now, now.plus(properties.sessionTtl()), device);
        String refreshToken = RefreshToken.newText(random);
        entityManager.persist(session);
        entityManager.persist(new RefreshToken(refreshToken, session.id()));
        User current = users.find(user.id()).orElseThrow(); // with the new last_login
        return Optional.of(new OpenSession(current, session.id(), refreshToken));
    }

    @Transactional
    void end(UUID session, UserId user) {
        sessions.end(session);
        events.publishEvent(new AccessChanged(user));
    }

    /**
     * Ends a session of the user, which may be the caller's own.
     *
     * @throws ProblemException {@link ErrorCode#SESSION_NOT_FOUND}, or from {@link UserService#requirePermissionToManage}
     */
    @Transactional
    void end(String session, UserId user, Caller caller) {
        requirePermissionToManage(user, caller);
        UUID id = TypeId.require(Session.ID_PREFIX, session, ErrorCode.SESSION_NOT_FOUND, "a session's id");
        if (sessions.endUnlessExpired(id, user, properties.idleSeconds()) == 0) {
            throw new ProblemException(ErrorCode.SESSION_NOT_FOUND);
        }
        events.publishEvent(new AccessChanged(user));
    }

    /**
     * Ends all sessions of the user except the caller's own.
     *
     * @throws ProblemException from {@link UserService#requirePermissionToManage}
     */
    @Transactional
    void endOthers(UserId user, Caller caller) {
        requirePermissionToManage(user, caller);
        sessions.endOthers(user, caller.session().orElse(null));
        events.publishEvent(new AccessChanged(user));
    }

    private void requirePermissionToManage(UserId user, Caller caller) {
        if (!caller.is(user) || caller.session().isEmpty()) {
            users.requirePermissionToManage(user, Permission.SESSIONS_DELETE, caller);
        }
    }

    /** A stolen session may be why the user was deactivated, so it must not be valid again after a reactivation. */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void endAllUnlessActive(AccessChanged change) {
        sessions.endAllUnlessActive(change.user());
    }

    /** Somebody who knew the former password may have opened the other sessions. */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void endOthers(PasswordChanged change) {
        sessions.endOthers(change.user(), change.keptSession());
    }
}
