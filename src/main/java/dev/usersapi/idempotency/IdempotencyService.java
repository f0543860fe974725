package dev.usersapi.idempotency;

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

/** Sees to it that what is asked for with a key is done once, and answered the same each time. */
@Service
public class IdempotencyService {

    /**
     * What a retry is answered.
     *
     * @param request hash of the body that was answered
     */
    private record Answer(String request, int status, Map<String, String> headers, JsonNode body) {}

    private final IdempotencyKeyRepository keys;
    private final TransactionTemplate transaction;
    private final JsonMapper mapper;

    /** Keys of requests that this instance is at, also before the transaction: no retry prepares the same once more. */
    private final Set<IdempotencyKey> running = ConcurrentHashMap.newKeySet();

    IdempotencyService(IdempotencyKeyRepository keys, PlatformTransactionManager transactions, JsonMapper mapper) {
        this.keys = keys;
        this.transaction = new TransactionTemplate(transactions);
        this.mapper = mapper;
    }

    /**
     * Answers a request, a retry as the first time. Whatever is thrown undoes the change and leaves the key free.
     *
     * @param key null for a request without one: nothing is kept then, and no transaction is made here
     * @param request the body, or null where there is none
     * @param preparation outside the transaction, for a retry too: whether the caller may, and what takes long
     * @param change in the transaction of the key
     * @throws ProblemException {@link ErrorCode#IDEMPOTENCY_KEY_IN_USE}, {@link ErrorCode#IDEMPOTENCY_KEY_REUSED}
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
                    transaction.execute(status -> answer(key, hash(request), () -> change.apply(prepared))));
        } finally {
            running.remove(key);
        }
    }

    private ResponseEntity<?> answer(IdempotencyKey key, String request, Supplier<ResponseEntity<?>> change) {
        if (!keys.lock(key)) { // in another instance
            throw new ProblemException(ErrorCode.IDEMPOTENCY_KEY_IN_USE);
        }
        Optional<Answer> former =
                keys.find(key).flatMap(key::decrypt).map(json -> mapper.readValue(json, Answer.class));
        if (former.isPresent()) {
            return repeated(former.get(), request);
        }
        ResponseEntity<?> response = change.get();
        Answer answer = new Answer(
                request,
                response.getStatusCode().value(),
                response.getHeaders().toSingleValueMap(),
                mapper.valueToTree(response.getBody()));
        keys.store(key, key.encrypt(mapper.writeValueAsBytes(answer)));
        return response;
    }

    private static ResponseEntity<?> repeated(Answer answer, String request) {
        if (!answer.request().equals(request)) {
            throw new ProblemException(ErrorCode.IDEMPOTENCY_KEY_REUSED);
        }
        return ResponseEntity.status(answer.status())
                .headers(headers -> answer.headers().forEach(headers::set))
                .header("Idempotency-Replayed", "true")
                .body(answer.body());
    }

    /** Of what the body means: white space and the order of members make no difference. */
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
