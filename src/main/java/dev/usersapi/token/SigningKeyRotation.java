package dev.usersapi.token;

import com.nimbusds.jose.jwk.RSAKey;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Creates and deletes signing keys, on a schedule and on request.
 *
 * <p>A new key is published at once and signs {@link #LEAD_TIME} later. By then every instance has read it, and other
 * services that verify tokens have fetched the published keys again, which they may cache for five minutes. The former
 * key stays until its last token has expired; for this, the database holds when it was last known to be the key that
 * signs.
 */
@Service
class SigningKeyRotation {

    private static final Logger log = LoggerFactory.getLogger(SigningKeyRotation.class);

    static final Duration LEAD_TIME = Duration.ofMinutes(10);

    private final SigningKeys keys;
    private final SigningKeyRepository repository;
    private final TransactionTemplate transaction;
    private final TokenProperties properties;

    SigningKeyRotation(
            SigningKeys keys,
            SigningKeyRepository repository,
            PlatformTransactionManager transactions,
            TokenProperties properties) {
        this.keys = keys;
        this.repository = repository;
        this.transaction = new TransactionTemplate(transactions);
        this.properties = properties;
        if (!keys.hasCurrent()) {
            createFirst();
        }
    }

    /**
     * Generates a key that signs after {@link #LEAD_TIME}, without storing it. This takes long, so it must not be
     * called inside a transaction.
     *
     * @throws ProblemException {@link ErrorCode#SIGNING_KEY_CONFIGURED}
     */
    SigningKey prepare() {
        if (keys.isConfigured()) {
            throw new ProblemException(ErrorCode.SIGNING_KEY_CONFIGURED);
        }
        RSAKey jwk = SigningKey.generate();
        Instant now = keys.now();
        return new SigningKey(jwk, now, now.plus(LEAD_TIME), now.plus(LEAD_TIME));
    }

    /**
     * Stores a prepared key. A transaction of the caller may enclose this one, so the caller must call
     * {@link SigningKeys#reload} after the commit.
     *
     * @return all keys
     * @throws ProblemException {@link ErrorCode#NEXT_SIGNING_KEY_EXISTS}
     */
    KeyRing add(SigningKey key) {
        return Objects.requireNonNull(transaction.execute(status -> {
            repository.lock();
            if (keys.readDatabase().next(keys.now()).isPresent()) {
                throw new ProblemException(ErrorCode.NEXT_SIGNING_KEY_EXISTS);
            }
            repository.insert(key);
            return keys.readDatabase();
        }));
    }

    /**
     * Deletes a key, so that all tokens signed by it are refused at once. If it is the current key, the next one takes
     * over.
     *
     * @throws ProblemException {@link ErrorCode#SIGNING_KEY_NOT_FOUND}; {@link ErrorCode#SIGNING_KEY_IN_USE} for the
     *     current key when there is no next one; {@link ErrorCode#SIGNING_KEY_CONFIGURED} for the key from the
     *     configuration of this instance
     */
    void delete(String id) {
        if (keys.isConfigured(id)) {
            throw new ProblemException(ErrorCode.SIGNING_KEY_CONFIGURED);
        }
        change(ring -> {
            SigningKey key = ring.find(id).orElseThrow(() -> new ProblemException(ErrorCode.SIGNING_KEY_NOT_FOUND));
            Instant now = keys.now();
            if (ring.state(key, now) == KeyRing.State.CURRENT) {
                SigningKey next = ring.next(now).orElseThrow(() -> new ProblemException(ErrorCode.SIGNING_KEY_IN_USE));
                repository.promote(next, now);
            }
            repository.delete(key);
        });
        log.warn("Signing key {} was deleted: tokens that it signed are refused", id);
    }

    /** Reads the changes of other instances, creates the next key when it is due, and deletes keys no longer needed. */
    @Scheduled(initialDelayString = "PT30S", fixedDelayString = "PT30S")
    void maintain() {
        try {
            KeyRing ring = keys.reload();
            if (ring.newest().isEmpty()) {
                createFirst();
            } else if (isRotationDue(ring)) {
                rotate();
            }
            List<SigningKey> retired = ring.retired(keys.now());
            if (!retired.isEmpty()) {
                retired.forEach(repository::deleteUnlessUsedAgain);
                keys.reload();
            }
        } catch (DataAccessException | TransactionException e) {
            log.warn("The maintenance of signing keys failed and is repeated in 30 seconds: {}", e.getMessage());
        }
    }

    private boolean isRotationDue(KeyRing ring) {
        Duration rotationInterval = properties.keyRotation();
        return !keys.isConfigured()
                && !rotationInterval.isZero()
                && ring.newest()
                        .filter(key -> key.signsFrom().plus(rotationInterval).isBefore(keys.now()))
                        .isPresent();
    }

    private void rotate() {
        try {
            SigningKey next = prepare();
            add(next);
            keys.reload();
            log.info("Created signing key {}", next.id());
        } catch (ProblemException e) {
            log.debug("Another instance created the next signing key first");
        }
    }

    /** Creates a key that signs at once, because this instance has no other key to sign with meanwhile. */
    private void createFirst() {
        RSAKey jwk = SigningKey.generate();
        change(ring -> {
            if (ring.newest().isEmpty()) {
                Instant now = keys.now();
                repository.insert(new SigningKey(jwk, now, now, now));
            }
        });
    }

    /** Changes the keys in a transaction that locks them, and reloads them after the commit. */
    private void change(Consumer<KeyRing> work) {
        transaction.executeWithoutResult(status -> {
            repository.lock();
            work.accept(keys.readDatabase());
        });
        keys.reload();
    }
}
