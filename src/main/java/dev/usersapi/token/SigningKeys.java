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
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Service;

/**
 * The keys that sign access tokens. All instances share them through the database, and each instance keeps them in
 * memory, so that a request needs no query.
 *
 * <p>A key can also be set in the configuration of an instance, which then signs with it from its start. The public
 * part of such a key is stored in the database, so that instances with and without that setting accept each other's
 * tokens.
 */
@Service
class SigningKeys {

    private static final Logger log = LoggerFactory.getLogger(SigningKeys.class);

    // kept longer than its tokens are valid: clocks differ, and a new setting may have shortened the lifetime of tokens
    private static final Duration RETENTION_MARGIN = Duration.ofHours(1);

    // far below the margin, so that an instance can lose the database for almost an hour without consequences
    private static final Duration USE_RECORD_INTERVAL = Duration.ofMinutes(5);

    // so that requests with forged key ids do not cause a query each
    private static final Duration MIN_READ_INTERVAL = Duration.ofSeconds(1);

    private final SigningKeyRepository repository;
    private final Duration retention;
    private final Clock clock;
    private final @Nullable RSAKey configured;

    private volatile KeyRing ring;
    private Instant lastRead;
    private boolean lastReadFailed;

    SigningKeys(SigningKeyRepository repository, TokenProperties properties, Clock clock) {
        this.repository = repository;
        this.retention = properties.accessTtl().plus(RETENTION_MARGIN);
        this.clock = clock;
        this.configured = properties.signingKey().isBlank() ? null : ConfiguredKeyReader.read(properties.signingKey());
        this.lastRead = clock.instant();
        this.ring = loadAndRecordUse();
    }

    /** The current key, with its private part. */
    RSAKey signingKey() {
        return ring.current(clock.instant())
                .orElseThrow(() -> new IllegalStateException("There is no signing key: the table was emptied"))
                .jwk();
    }

    boolean hasCurrent() {
        return ring.current(clock.instant()).isPresent();
    }

    /** Age of the current key; empty when there is none. */
    Optional<Duration> currentAge() {
        Instant now = clock.instant();
        return ring.current(now).map(key -> Duration.between(key.createdAt(), now));
    }

    /** The public parts of all keys by which a valid token may be signed. */
    JWKSet published() {
        return ring.published();
    }

    boolean isPublished(String id) {
        return ring.find(id).isPresent();
    }

    /** Whether this instance signs with a key from its configuration. */
    boolean isConfigured() {
        return configured != null;
    }

    boolean isConfigured(String id) {
        return configured != null && configured.getKeyID().equals(id);
    }

    /**
     * Finds the published key with the id. An unknown key may be new, so the database is read, but at most once in
     * {@link #MIN_READ_INTERVAL}.
     *
     * @throws ProblemException {@link ErrorCode#DATABASE_UNAVAILABLE} when the key is unknown and the database cannot
     *     be read
     */
    Optional<SigningKey> find(String id) {
        Optional<SigningKey> known = ring.find(id);
        return known.isPresent() ? known : findInDatabase(id);
    }

    private synchronized Optional<SigningKey> findInDatabase(String id) {
        Instant now = clock.instant();
        boolean readJustNow = !now.isBefore(lastRead) && now.isBefore(lastRead.plus(MIN_READ_INTERVAL));
        if (!readJustNow && ring.find(id).isEmpty()) {
            try {
                reload();
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

    /** Replaces the keys in memory by those in the database and returns them. */
    synchronized KeyRing reload() {
        lastRead = clock.instant();
        lastReadFailed = true;
        ring = loadAndRecordUse();
        lastReadFailed = false;
        return ring;
    }

    private KeyRing loadAndRecordUse() {
        Instant now = now();
        KeyRing loaded = readDatabase();
        if (configured != null && loaded.find(configured.getKeyID()).isEmpty()) {
            repository.publish(new SigningKey(configured, now, now, now));
            loaded = readDatabase();
        }
        loaded.current(now)
                .filter(key -> key.usedAt().isBefore(now.minus(USE_RECORD_INTERVAL)))
                .ifPresent(key -> repository.recordUse(key, now));
        return loaded;
    }

    /** Returns the keys in the database without changing those in memory. */
    KeyRing readDatabase() {
        List<SigningKey> keys = repository.findAll();
        if (configured != null) { // the only key that this instance signs with
            keys = keys.stream()
                    .map(key -> key.with(
                            isConfigured(key.id()) ? configured : key.jwk().toPublicJWK()))
                    .toList();
        }
        return new KeyRing(keys, retention);
    }

    /** The time with the precision of PostgreSQL. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
