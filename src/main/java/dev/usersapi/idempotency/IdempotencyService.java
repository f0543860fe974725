package dev.usersapi.idempotency;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.http.OpaqueToken;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** Executes a change once for each idempotency key, and returns the stored response to retries. */
@Service
public class IdempotencyService {

    /**
     * The stored response of a key's first request.
     *
     * @param requestHash hash of the body of that request; responses are stored with the member name {@code request}
     */
    private record StoredResponse(
            @JsonProperty("request") String requestHash, int status, Map<String, String> headers, JsonNode body) {}

    private final IdempotencyKeyRepository keys;
    private final TransactionTemplate transaction;
    private final JsonMapper mapper;

    /** Keys of the requests that this instance executes, so that a simultaneous retry does not repeat the preparation. */
    private final Set<IdempotencyKey> running = ConcurrentHashMap.newKeySet();

    IdempotencyService(IdempotencyKeyRepository keys, PlatformTransactionManager transactions, JsonMapper mapper) {
        this.keys = keys;
        this.transaction = new TransactionTemplate(transactions);
        this.mapper = mapper;
    }

    /**
     * Executes the change of a request, or returns the stored response if the key was used before. An exception rolls the
     * change back and leaves the key unused.
     *
     * @param key null for a request without a key: nothing is stored then, and this method starts no transaction
     * @param request the body, or null if there is none
     * @param preparation runs before the transaction, for retries too: checks of permissions, and work that takes long
     * @param change runs in the transaction that stores the response
     * @throws ProblemException with {@link ErrorCode#IDEMPOTENCY_KEY_IN_USE} or {@link ErrorCode#IDEMPOTENCY_KEY_REUSED}
     */
    public <T> ResponseEntity<?> once(
            @Nullable IdempotencyKey key,
            @Nullable Record request,
            Supplier<T> preparation,
            Function<T, ResponseEntity<?>> change) {
        if (key == null) {
            return change.apply(preparation.get());
        }
        if (!running.add(key)) {
            throw new ProblemException(ErrorCode.IDEMPOTENCY_KEY_IN_USE);
        }
        try {
            T prepared = preparation.get();
            return Objects.requireNonNull(
                    transaction.execute(status -> executeOnce(key, hash(request), () -> change.apply(prepared))));
        } finally {
            running.remove(key);
        }
    }

    private ResponseEntity<?> executeOnce(IdempotencyKey key, String requestHash, Supplier<ResponseEntity<?>> change) {
        if (!keys.tryLock(key)) { // another instance executes it
            throw new ProblemException(ErrorCode.IDEMPOTENCY_KEY_IN_USE);
        }
        Optional<StoredResponse> stored =
                keys.find(key).flatMap(key::decrypt).map(json -> mapper.readValue(json, StoredResponse.class));
        if (stored.isPresent()) {
            return repeatResponse(stored.get(), requestHash);
        }
        ResponseEntity<?> response = change.get();
        StoredResponse first = new StoredResponse(
                requestHash,
                response.getStatusCode().value(),
                response.getHeaders().toSingleValueMap(),
                mapper.valueToTree(response.getBody()));
        keys.store(key, key.encrypt(mapper.writeValueAsBytes(first)));
        return response;
    }

    private static ResponseEntity<?> repeatResponse(StoredResponse stored, String requestHash) {
        if (!stored.requestHash().equals(requestHash)) {
            throw new ProblemException(ErrorCode.IDEMPOTENCY_KEY_REUSED);
        }
        return ResponseEntity.status(stored.status())
                .headers(headers -> stored.headers().forEach(headers::set))
                .header("Idempotency-Replayed", "true")
                .body(stored.body());
    }

    /** A hash of the parsed body, so that white space and the order of members make no difference. */
    private String hash(@Nullable Record request) {
        String json =
                mapper.writer().with(JsonNodeFeature.WRITE_PROPERTIES_SORTED).writeValueAsString(request);
        return Base64.getEncoder().encodeToString(OpaqueToken.hash(json));
    }

    @Scheduled(fixedDelayString = "PT1H")
    void deleteExpired() {
        keys.deleteExpired();
    }
}
