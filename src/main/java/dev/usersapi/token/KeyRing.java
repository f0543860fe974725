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
 * The keys there are, in the order in which they sign. What each is for follows from their times alone, so that all
 * instances agree without talking to each other.
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

    /**
     * @param retention how long a key is needed after it last signed
     */
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

    /** All of them without their private parts: the next one too, so that verifiers know it before they need it. */
    JWKSet published() {
        return published;
    }

    Optional<SigningKey> find(String id) {
        return keys.stream().filter(key -> key.id().equals(id)).findFirst();
    }

    /** What signs at the moment; empty where no key can. */
    Optional<SigningKey> current(Instant now) {
        return able().filter(key -> !key.signsFrom().isAfter(now))
                .reduce((earlier, later) -> later)
                .or(() -> able().findFirst()); // by another clock it was time
    }

    /** The one that signs last; empty where no key can. */
    Optional<SigningKey> newest() {
        return able().reduce((earlier, later) -> later);
    }

    /** What is going to sign when its time comes. */
    Optional<SigningKey> next(Instant now) {
        return newest().filter(key -> state(key, now) == State.NEXT);
    }

    State state(SigningKey key, Instant now) {
        if (current(now).filter(signing -> signing.id().equals(key.id())).isPresent()) {
            return State.CURRENT;
        }
        return key.signsFrom().isAfter(now) ? State.NEXT : State.FORMER;
    }

    /** When the last token that the key signed has surely expired; empty while no other is to take over. */
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

    private Stream<SigningKey> able() {
        return keys.stream().filter(SigningKey::canSign);
    }
}
