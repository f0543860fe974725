package dev.usersapi.user;

import java.util.List;

/** One page of users as the contract's "Get All Users" answers it. */
record Page(List<UserResponse.Item> data, Meta meta) {

    static Page of(List<User> users, long total, ListUsersRequest request) {
        long pages = (total + request.limit() - 1) / request.limit();
        return new Page(
                users.stream().map(UserResponse.Item::of).toList(),
                new Meta(total, request.page(), request.limit(), pages));
    }

    record Meta(long total, int page, int limit, long pages) {}
}
