package dev.usersapi.user;

import dev.usersapi.binding.MergePatch;
import dev.usersapi.http.EntityTag;
import dev.usersapi.http.Preconditions;
import dev.usersapi.http.ServicePath;
import dev.usersapi.idempotency.IdempotencyKey;
import dev.usersapi.idempotency.IdempotencyService;
import dev.usersapi.role.Permission;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Reads, creates, changes and deletes one user: the endpoints of the API specification, and PATCH. */
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

    @GetMapping("/{user_id}")
    ResponseEntity<Map<String, UserResponse>> get(UserId id, Preconditions preconditions) {
        UserResponse.Tagged user = lookup.get(id);
        String tag = user.tag().toString();
        return preconditions.isNotModified(user.tag())
                ? ResponseEntity.status(HttpStatus.NOT_MODIFIED).eTag(tag).build()
                : ResponseEntity.ok().eTag(tag).body(Map.of("data", user.user()));
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<?> create(
            @RequestBody CreateUserRequest request,
            @AuthenticationPrincipal Caller caller,
            @Nullable IdempotencyKey key) {
        return idempotency.once(key, request, () -> users.prepare(request, caller), prepared -> {
            User user = users.create(prepared, caller);
            return ResponseEntity.created(ServicePath.of("/api/v1/users/" + user.id()))
                    .eTag(user.tag().toString())
                    .body(Map.of("data", UserResponse.Created.of(user)));
        });
    }

    /** Sends no ETag: after PUT it would say that the body was stored without changes (RFC 9110, section 9.3.4). */
    @PutMapping(path = "/{user_id}", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, UserResponse.Updated> update(
            UserId id,
            Preconditions preconditions,
            @RequestBody UpdateUserRequest request,
            @AuthenticationPrincipal Caller caller) {
        return Map.of("data", UserResponse.Updated.of(users.update(id, request, caller, preconditions)));
    }

    @PatchMapping(
            path = "/{user_id}",
            consumes = {MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON_VALUE})
    ResponseEntity<Map<String, UserResponse.Updated>> patch(
            UserId id,
            Preconditions preconditions,
            @RequestBody PatchUserRequest patch,
            @AuthenticationPrincipal Caller caller) {
        User user = users.patch(id, patch, caller, preconditions);
        boolean mayRead = caller.is(id) || caller.permissions().contains(Permission.USERS_READ);
        EntityTag tag = mayRead ? user.tag() : user.tag().versionOnly();
        return ResponseEntity.ok().eTag(tag.toString()).body(Map.of("data", UserResponse.Updated.of(user)));
    }

    @DeleteMapping("/{user_id}")
    Map<String, Object> delete(UserId id, Preconditions preconditions, @AuthenticationPrincipal Caller caller) {
        users.delete(id, caller, preconditions);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("success", true);
        body.put("message", "User deleted successfully");
        return body;
    }
}
