package dev.usersapi.role;

import dev.usersapi.http.ServicePath;
import dev.usersapi.idempotency.IdempotencyKey;
import dev.usersapi.idempotency.IdempotencyService;
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
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping(path = "/api/v1/roles", produces = MediaType.APPLICATION_JSON_VALUE)
class RoleController {

    private final RoleService roles;
    private final IdempotencyService idempotency;

    RoleController(RoleService roles, IdempotencyService idempotency) {
        this.roles = roles;
        this.idempotency = idempotency;
    }

    @GetMapping
    Map<String, List<RoleResponse>> list() {
        return Map.of("data", roles.list().stream().map(RoleResponse::of).toList());
    }

    @GetMapping("/{name}")
    Map<String, RoleResponse> get(@PathVariable String name) {
        return Map.of("data", RoleResponse.of(roles.get(name)));
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<?> create(
            @RequestBody CreateRoleRequest request,
            @AuthenticationPrincipal PermissionHolder caller,
            @Nullable IdempotencyKey key) {
        return idempotency.once(key, request, () -> roles.prepare(request, caller), role -> {
            roles.create(role, caller);
            return ResponseEntity.created(ServicePath.of("/api/v1/roles/" + role.name()))
                    .body(Map.of("data", RoleResponse.of(role)));
        });
    }

    @PutMapping(path = "/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, RoleResponse> update(
            @PathVariable String name,
            @RequestBody UpdateRoleRequest request,
            @AuthenticationPrincipal PermissionHolder caller) {
        return Map.of("data", RoleResponse.of(roles.update(name, request, caller)));
    }

    @DeleteMapping("/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String name, @AuthenticationPrincipal PermissionHolder caller) {
        roles.delete(name, caller);
    }
}
