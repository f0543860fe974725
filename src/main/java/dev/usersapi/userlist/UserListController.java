package dev.usersapi.userlist;

import dev.usersapi.binding.QueryParameters;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** "Get All Users" of the API specification. */
@RestController
class UserListController {

    private final UserListService users;

    UserListController(UserListService users) {
        this.users = users;
    }

    @GetMapping(path = "/api/v1/users", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<UserListResponse> list(@QueryParameters ListUsersRequest request) {
        UserListResponse page = users.list(request);
        String links = page.links(request);
        return links.isEmpty()
                ? ResponseEntity.ok(page)
                : ResponseEntity.ok().header(HttpHeaders.LINK, links).body(page);
    }
}
