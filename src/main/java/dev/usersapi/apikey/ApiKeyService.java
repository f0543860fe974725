package dev.usersapi.apikey;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.http.TypeId;
import dev.usersapi.mail.Mail;
import dev.usersapi.mail.Outbox;
import dev.usersapi.role.Permission;
import dev.usersapi.user.AccessChanged;
import dev.usersapi.user.Caller;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Creates, lists and deletes API keys. Every method throws {@link ProblemException} with the code of the rule that a
 * call breaks.
 */
@Service
class ApiKeyService {

    /** A new key with its secret, which is not stored. */
    record Created(ApiKey key, ApiKeySecret secret) {}

    private static final int MAX_KEYS_PER_OWNER = 100;

    private final ApiKeyRepository keys;
    private final EntityManager entityManager;
    private final UserService users;
    private final Outbox outbox;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final RandomGenerator random;

    ApiKeyService(
            ApiKeyRepository keys,
            EntityManager entityManager,
            UserService users,
            Outbox outbox,
            ApplicationEventPublisher events,
            Clock clock,
            RandomGenerator random) {
        this.keys = keys;
        this.entityManager = entityManager;
        this.users = users;
        this.outbox = outbox;
        this.events = events;
        this.clock = clock;
        this.random = random;
    }

    /** Builds the key, without storing it, if the caller may create it. */
    Created prepare(CreateApiKeyRequest request, Caller caller) {
        requirePermissions(request.permissions(), caller);
        UserId owner = caller.user().orElseThrow();
        ApiKeySecret secret = ApiKeySecret.next(random);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return new Created(new ApiKey(TypeId.next(now, random), owner, secret, request, now), secret);
    }

    @Transactional
    void create(Created created, Caller caller) {
        ApiKey key = created.key();
        if (keys.lockOwner(key.owner()).isEmpty()) {
            throw new ProblemException(ErrorCode.INVALID_TOKEN);
        }
        requirePermissions(key.permissions(), caller);
        if (keys.countByOwner(key.owner()) >= MAX_KEYS_PER_OWNER) {
            throw new ProblemException(ErrorCode.TOO_MANY_API_KEYS);
        }
        entityManager.persist(key);
        // the owner is informed, because a stolen session could otherwise be prolonged by a key unnoticed
        User user = users.get(key.owner());
        Map<String, String> values = Map.of("name", user.name(), "key_name", key.name());
        outbox.queue(new Mail("api-key-created", user.email(), values));
    }

    /** @param requestedOwner empty when the request names an owner by a text that is not the id of a user */
    List<ApiKey> list(Optional<UserId> requestedOwner, Caller caller) {
        boolean own = requestedOwner.filter(caller::is).isPresent();
        if (!own && !caller.permissions().contains(Permission.API_KEYS_READ)) {
            throw new ProblemException(ErrorCode.INSUFFICIENT_PERMISSIONS);
        }
        UserId owner = requestedOwner.orElseThrow(() -> new ProblemException(ErrorCode.USER_NOT_FOUND));
        List<ApiKey> found = keys.findByOwnerOrderByCreatedAtDescIdDesc(owner);
        if (found.isEmpty() && !caller.is(owner)) {
            users.get(owner); // answers 404 for an unknown user
        }
        return found;
    }

    /** Answers 404 for the key of another user unless the caller may read all keys: its existence is not disclosed. */
    ApiKey get(UUID id, Caller caller) {
        boolean mayReadAll = caller.permissions().contains(Permission.API_KEYS_READ);
        return keys.findById(id)
                .filter(key -> mayReadAll || caller.is(key.owner()))
                .orElseThrow(ApiKeyService::notFound);
    }

    @Transactional
    void delete(UUID id, Caller caller) {
        UserId owner = keys.findById(id).orElseThrow(ApiKeyService::notFound).owner();
        if (!caller.is(owner)) {
            if (!caller.permissions().contains(Permission.API_KEYS_DELETE)) {
                throw notFound(); // as in get
            }
            users.requirePermissionToManage(owner, Permission.API_KEYS_DELETE, caller);
        }
        if (keys.delete(id) == 0) {
            throw notFound();
        }
        events.publishEvent(new AccessChanged(owner));
    }

    private static void requirePermissions(List<Permission> permissions, Caller caller) {
        if (!caller.permissions().containsAll(permissions)) {
            throw new ProblemException(ErrorCode.INSUFFICIENT_PERMISSIONS);
        }
    }

    private static ProblemException notFound() {
        return new ProblemException(ErrorCode.API_KEY_NOT_FOUND);
    }
}
