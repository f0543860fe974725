package dev.usersapi.token;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The keys that sign access tokens. They are in the database, so that all instances share them, and in memory, so that
 * no request asks for them.
 *
 * <p>A new key is published at once and signs {@link #LEAD} later, when every instance has read it again and others who
 * verify tokens have renewed what they keep for five minutes. The one before it stays until its last token has expired:
 * each instance notes what it signs with.
 *
 * <p>A key from the configuration signs from the start of its instance. Its public part is in the database as well, so
 * that instances that have it and instances that do not yet, or have another, accept each other's tokens.
 */
@Service
class SigningKeys {

    private static final Logger log = LoggerFactory.getLogger(SigningKeys.class);

    static final Duration LEAD = Duration.ofMinutes(10);

    // beyond the life of a token: clocks differ, and that life may have been shortened by a new setting
    private static final Duration MARGIN = Duration.ofHours(1);

    // an instance that was cut off from the database for less than the margin loses nothing
    private static final Duration NOTED = Duration.ofMinutes(5);

    // forged key ids must not make each request ask the database
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final SigningKeyRepository repository;
    private final TransactionTemplate transaction;
    private final TokenProperties properties;
    private final Clock clock;
    private final @Nullable RSAKey configured;

    private volatile KeyRing ring;
    private Instant lastRead;
    private boolean lastReadFailed;

    SigningKeys(
            SigningKeyRepository repository,
            PlatformTransactionManager transactions,
            TokenProperties properties,
            Clock clock) {
        this.repository = repository;
        this.transaction = new TransactionTemplate(transactions);
        this.properties = properties;
        this.clock = clock;
        this.configured = properties.signingKey().isBlank() ? null : ConfiguredKey.read(properties.signingKey());
        this.lastRead = clock.instant();
        this.ring = load();
        if (ring.newest().isEmpty()) {
            makeFirst();
        }
    }

    /** With its private part. */
    RSAKey signingKey() {
        return ring.current(clock.instant())
                .orElseThrow(() -> new IllegalStateException("No key signs: the table was emptied"))
                .jwk();
    }

    /** Of the key that signs at the moment; empty where no key can. */
    Optional<Duration> currentAge() {
        Instant now = clock.instant();
        return ring.current(now).map(key -> Duration.between(key.createdAt(), now));
    }

    /** Whatever a valid token may be signed with, without private parts. */
    JWKSet published() {
        return ring.published();
    }

    boolean isPublished(String id) {
        return ring.find(id).isPresent();
    }

    /**
     * The published key with the id. One that is not known may be new, so the database is asked, but not again within
     * {@link #PAUSE}.
     *
     * @throws ProblemException {@link ErrorCode#DATABASE_UNAVAILABLE} where nobody can tell
     */
    Optional<SigningKey> find(String id) {
        Optional<SigningKey> known = ring.find(id);
        return known.isPresent() ? known : findAgain(id);
    }

    private synchronized Optional<SigningKey> findAgain(String id) {
        Instant now = clock.instant();
        boolean paused = !now.isBefore(lastRead) && now.isBefore(lastRead.plus(PAUSE));
        if (!paused && ring.find(id).isEmpty()) {
            try {
                read();
            } catch (DataAccessException e) {
                log.warn("The signing keys cannot be read: {}", e.getMessage());
            }
        }
        Optional<SigningKey> found = ring.find(id);
        if (found.isEmpty() && lastReadFailed) {
            throw new ProblemException(ErrorCode.DATABASE_UNAVAILABLE);
        }
        return found;
    }

    /** As the database has them now. */
    synchronized KeyRing read() {
        lastRead = clock.instant();
        lastReadFailed = true;
        ring = load();
        lastReadFailed = false;
        return ring;
    }

    private KeyRing load() {
        Instant now = now();
        KeyRing loaded = ring(repository.findAll());
        if (configured != null && loaded.find(configured.getKeyID()).isEmpty()) {
            repository.publish(new SigningKey(configured, now, now, now));
            loaded = ring(repository.findAll());
        }
        loaded.current(now)
                .filter(key -> key.usedAt().isBefore(now.minus(NOTED)))
                .ifPresent(key -> repository.noteUse(key, now));
        return loaded;
    }

    private KeyRing ring(List<SigningKey> stored) {
        List<SigningKey> keys = configured == null
                ? stored
                : stored.stream()
                        .map(key -> key.with(
                                key.id().equals(configured.getKeyID())
                                        ? configured
                                        : key.jwk().toPublicJWK()))
                        .toList();
        return new KeyRing(keys, properties.accessTtl().plus(MARGIN));
    }

    /**
     * A key that can take over after {@link #LEAD}. Takes long, so not for use inside a transaction.
     *
     * @throws ProblemException {@link ErrorCode#SIGNING_KEY_CONFIGURED}
     */
    SigningKey prepare() {
        if (configured != null) {
            throw new ProblemException(ErrorCode.SIGNING_KEY_CONFIGURED);
        }
        RSAKey jwk = SigningKey.generate();
        Instant now = now();
        return new SigningKey(jwk, now, now.plus(LEAD), now.plus(LEAD));
    }

    /**
     * Stores a key that was prepared; to be followed by {@link #read} once that is committed.
     *
     * @return all keys
     * @throws ProblemException {@link ErrorCode#NEXT_SIGNING_KEY_EXISTS}
     */
    KeyRing add(SigningKey key) {
        return Objects.requireNonNull(transaction.execute(status -> {
            repository.lock();
            if (ring(repository.findAll()).next(now()).isPresent()) {
                throw new ProblemException(ErrorCode.NEXT_SIGNING_KEY_EXISTS);
            }
            repository.insert(key);
            return ring(repository.findAll());
        }));
    }

    /**
     * Refuses at once whatever the key signed; where it signs now, the next key takes over.
     *
     * @throws ProblemException {@link ErrorCode#SIGNING_KEY_NOT_FOUND}; {@link ErrorCode#SIGNING_KEY_IN_USE} where
     *     there is no next key; {@link ErrorCode#SIGNING_KEY_CONFIGURED} where it is this instance's own
     */
    void delete(String id) {
        if (configured != null && configured.getKeyID().equals(id)) {
            throw new ProblemException(ErrorCode.SIGNING_KEY_CONFIGURED);
        }
        change(keys -> {
            SigningKey key = keys.find(id).orElseThrow(() -> new ProblemException(ErrorCode.SIGNING_KEY_NOT_FOUND));
            Instant now = now();
            if (keys.state(key, now) == KeyRing.State.CURRENT) {
                SigningKey next = keys.next(now).orElseThrow(() -> new ProblemException(ErrorCode.SIGNING_KEY_IN_USE));
                repository.promote(next, now);
            }
            repository.delete(key);
        });
        log.warn("Signing key {} was deleted: tokens that it signed are refused", id);
    }

    /** Keeps up with other instances, makes the next key when it is time, and deletes what is not needed any more. */
    @Scheduled(initialDelayString = "PT30S", fixedDelayString = "PT30S")
    void maintain() {
        try {
            KeyRing keys = read();
            if (keys.newest().isEmpty()) {
                makeFirst();
            } else if (isRotationDue(keys)) {
                rotateOnSchedule();
            }
            List<SigningKey> retired = keys.retired(now());
            if (!retired.isEmpty()) {
                retired.forEach(repository::retire);
                read();
            }
        } catch (DataAccessException | TransactionException e) {
            log.warn("The signing keys cannot be read again: {}", e.getMessage());
        }
    }

    private boolean isRotationDue(KeyRing keys) {
        return configured == null
                && !properties.keyRotation().isZero()
                && keys.newest()
                        .filter(key ->
                                key.signsFrom().plus(properties.keyRotation()).isBefore(now()))
                        .isPresent();
    }

    private void rotateOnSchedule() {
        try {
            SigningKey made = prepare();
            add(made);
            read();
            log.info("Made signing key {}", made.id());
        } catch (ProblemException e) {
            log.debug("Another instance was faster"); // there is a next key now
        }
    }

    /** Nothing can sign yet, or any more: no token waits for others to learn of the key. */
    private void makeFirst() {
        RSAKey jwk = SigningKey.generate();
        change(keys -> {
            if (keys.newest().isEmpty()) {
                Instant now = now();
                repository.insert(new SigningKey(jwk, now, now, now));
            }
        });
    }

    /** With the keys as they are while nobody else can change them. */
    private void change(Consumer<KeyRing> work) {
        transaction.executeWithoutResult(status -> {
            repository.lock();
            work.accept(ring(repository.findAll()));
        });
        read();
    }

    /** At the precision that PostgreSQL keeps. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
