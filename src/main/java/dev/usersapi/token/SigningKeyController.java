package dev.usersapi.token;

import dev.usersapi.idempotency.IdempotencyKey;
import dev.usersapi.idempotency.IdempotencyService;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Lists, rotates and deletes signing keys. */
@RestController
@RequestMapping(path = "/api/v1/signing-keys", produces = MediaType.APPLICATION_JSON_VALUE)
class SigningKeyController {

    /** The state and times of a signing key, without the key itself. */
    record SigningKeyResponse(
            String kid,
            KeyRing.State state,
            Instant createdAt,
            Instant signsFrom,
            @Nullable Instant retiresAt) {}

    private final SigningKeys keys;
    private final SigningKeyRotation rotation;
    private final IdempotencyService idempotency;
    private final Clock clock;

    SigningKeyController(SigningKeys keys, SigningKeyRotation rotation, IdempotencyService idempotency, Clock clock) {
        this.keys = keys;
        this.rotation = rotation;
        this.idempotency = idempotency;
        this.clock = clock;
    }

    @GetMapping
    Map<String, List<SigningKeyResponse>> list() {
        KeyRing ring = keys.reload(); // another instance may have changed them just now
        return Map.of(
                "data", ring.keys().stream().map(key -> response(key, ring)).toList());
    }

    @PostMapping
    ResponseEntity<?> rotate(@Nullable IdempotencyKey key) {
        ResponseEntity<?> response = idempotency.once(
                key,
                null,
                rotation::prepare,
                prepared -> ResponseEntity.status(HttpStatus.CREATED)
                        .body(Map.of("data", response(prepared, rotation.add(prepared)))));
        keys.reload();
        return response;
    }

    @DeleteMapping("/{kid}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String kid) {
        rotation.delete(kid);
    }

    private SigningKeyResponse response(SigningKey key, KeyRing ring) {
        Instant now = clock.instant();
        return new SigningKeyResponse(
                key.id(),
                ring.state(key, now),
                seconds(key.createdAt()),
                seconds(key.signsFrom()),
                ring.retiresAt(key, now).map(SigningKeyController::seconds).orElse(null));
    }

    private static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }
}
