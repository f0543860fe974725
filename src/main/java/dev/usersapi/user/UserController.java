package dev.usersapi.user;

import dev.usersapi.http.QueryParameters;
import dev.usersapi.idempotency.IdempotencyKey;
import dev.usersapi.idempotency.IdempotencyService;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The five endpoints of the contract. */
@RestController
@RequestMapping(path = "/api/v1/users", produces = MediaType.APPLICATION_JSON_VALUE)
class UserController {

    private final UserLookupService lookup;
    private final UserService users;
    private final IdempotencyService idempotency;

    UserController(UserLookupService lookup, UserService users, IdempotencyService idempotency) {
        this.lookup = lookup;
        this.users = users;
        this.idempotency = idempotency;
    }

    @GetMapping
    ResponseEntity<Page> list(@QueryParameters ListUsersRequest request) {
        Page page = lookup.list(request);
        String links = page.links(request);
        return links.isEmpty()
                ? ResponseEntity.ok(page)
                : ResponseEntity.ok().header(HttpHeaders.LINK, links).body(page);
    }

    @GetMapping("/{user_id}")
    Map<String, UserResponse> get(UserId id) {
        return Map.of("data", lookup.get(id));
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<?> create(
            @RequestBody CreateUserRequest request,
            @AuthenticationPrincipal Caller caller,
            @Nullable IdempotencyKey key) {
        return idempotency.once(key, request, () -> users.prepare(request, caller), prepared -> {
            User user = users.create(prepared, caller);
            return ResponseEntity.created(URI.create("/api/v1/users/" + user.id()))
                    .body(Map.of("data", UserResponse.Created.of(user)));
        });
    }

    @PutMapping(path = "/{user_id}", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, UserResponse.Updated> update(
            UserId id, @RequestBody UpdateUserRequest request, @AuthenticationPrincipal Caller caller) {
        return Map.of("data", UserResponse.Updated.of(users.update(id, request, caller)));
    }

    @DeleteMapping("/{user_id}")
    Map<String, Object> delete(UserId id, @AuthenticationPrincipal Caller caller) {
        users.delete(id, caller);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("success", true);
        body.put("message", "User deleted successfully");
        return body;
    }
}
