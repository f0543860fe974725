package dev.usersapi.user;

import dev.usersapi.role.ExistingRole;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;

/** The query of the contract's "Get All Users". */
record ListUsersRequest(
        @Min(value = 1, message = "must be at least 1") Integer page,

        @Min(value = 1, message = "must be at least 1") @Max(value = 100, message = "must be at most 100")
        Integer limit,

        @Nullable UserStatus status,
        @ExistingRole @Nullable String role) {

    ListUsersRequest(
            @Nullable Integer page, @Nullable Integer limit, @Nullable UserStatus status, @Nullable String role) {
        this.page = page == null ? 1 : page;
        this.limit = limit == null ? 20 : limit;
        this.status = status;
        this.role = role;
    }

    /** Rows before the page; beyond what an int holds for the last pages that the contract allows. */
    long offset() {
        return (page - 1L) * limit;
    }
}
