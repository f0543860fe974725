package dev.usersapi.token;

import com.fasterxml.jackson.annotation.JsonValue;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All signing keys, in the order in which they sign. The state of each key follows from the times of all keys, so that
 * instances agree without communication.
 */
final class KeyRing {

    enum State {
        NEXT,
        CURRENT,
        FORMER;

        @JsonValue
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final List<SigningKey> keys;
    private final Duration retention;
    private final JWKSet published;

    /** @param retention how long a key must be kept after {@link SigningKey#usedAt} */
    KeyRing(List<SigningKey> keys, Duration retention) {
        this.keys = keys.stream()
                .sorted(Comparator.comparing(SigningKey::signsFrom).thenComparing(SigningKey::id))
                .toList();
        this.retention = retention;
        this.published = new JWKSet(
                this.keys.stream().<JWK>map(key -> key.jwk().toPublicJWK()).toList());
    }

    List<SigningKey> keys() {
        return keys;
    }

    /** The public parts of all keys, also of the next one, so that verifiers have it before it signs. */
    JWKSet published() {
        return published;
    }

    Optional<SigningKey> find(String id) {
        return keys.stream().filter(key -> key.id().equals(id)).findFirst();
    }

    /** The key that signs now; empty when this instance has no private key. */
    Optional<SigningKey> current(Instant now) {
        return withPrivatePart()
                .filter(key -> !key.signsFrom().isAfter(now))
                .reduce((earlier, later) -> later)
                .or(() -> withPrivatePart().findFirst()); // created by an instance whose clock is ahead
    }

    /** The key that signs last of all; empty when this instance has no private key. */
    Optional<SigningKey> newest() {
        return withPrivatePart().reduce((earlier, later) -> later);
    }

    /** The key that will replace the current one. */
    Optional<SigningKey> next(Instant now) {
        return newest().filter(key -> state(key, now) == State.NEXT);
    }

    State state(SigningKey key, Instant now) {
        if (current(now).filter(current -> current.id().equals(key.id())).isPresent()) {
            return State.CURRENT;
        }
        return key.signsFrom().isAfter(now) ? State.NEXT : State.FORMER;
    }

    /** When the last token that the key signed has expired; empty as long as no other key is to replace it. */
    Optional<Instant> retiresAt(SigningKey key, Instant now) {
        return switch (state(key, now)) {
            case NEXT -> Optional.empty();
            case CURRENT -> next(now).map(next -> next.signsFrom().plus(retention));
            case FORMER -> Optional.of(key.usedAt().plus(retention));
        };
    }

    List<SigningKey> retired(Instant now) {
        return keys.stream()
                .filter(key -> state(key, now) == State.FORMER)
                .filter(key -> key.usedAt().plus(retention).isBefore(now))
                .toList();
    }

    private Stream<SigningKey> withPrivatePart() {
        return keys.stream().filter(SigningKey::canSign);
    }
}
