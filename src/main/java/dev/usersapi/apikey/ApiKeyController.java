package dev.usersapi.apikey;

import dev.usersapi.binding.QueryParameters;
import dev.usersapi.http.ServicePath;
import dev.usersapi.idempotency.IdempotencyKey;
import dev.usersapi.idempotency.IdempotencyService;
import dev.usersapi.user.Caller;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping(path = "/api/v1/api-keys", produces = MediaType.APPLICATION_JSON_VALUE)
class ApiKeyController {

    private final ApiKeyService keys;
    private final IdempotencyService idempotency;

    ApiKeyController(ApiKeyService keys, IdempotencyService idempotency) {
        this.keys = keys;
        this.idempotency = idempotency;
    }

    @GetMapping
    Map<String, List<ApiKeyResponse>> list(
            @QueryParameters ListApiKeysRequest request, @AuthenticationPrincipal Caller caller) {
        List<ApiKey> found = keys.list(request.owner(caller), caller);
        return Map.of("data", found.stream().map(ApiKeyResponse::of).toList());
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<?> create(
            @RequestBody CreateApiKeyRequest request,
            @AuthenticationPrincipal Caller caller,
            @Nullable IdempotencyKey idempotencyKey) {
        return idempotency.once(idempotencyKey, request, () -> keys.prepare(request, caller), prepared -> {
            keys.create(prepared, caller);
            ApiKeyResponse created = ApiKeyResponse.of(prepared);
            return ResponseEntity.created(ServicePath.of("/api/v1/api-keys/" + created.id()))
                    .body(Map.of("data", created));
        });
    }

    @GetMapping("/{key_id}")
    Map<String, ApiKeyResponse> get(@PathVariable("key_id") String id, @AuthenticationPrincipal Caller caller) {
        return Map.of("data", ApiKeyResponse.of(keys.get(ApiKey.require(id), caller)));
    }

    @DeleteMapping("/{key_id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable("key_id") String id, @AuthenticationPrincipal Caller caller) {
        keys.delete(ApiKey.require(id), caller);
    }
}
