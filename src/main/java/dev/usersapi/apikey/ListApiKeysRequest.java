package dev.usersapi.apikey;

import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import jakarta.validation.constraints.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whose keys to list.
 *
 * @param userId null, like {@code me}, for the caller's own
 */
record ListApiKeysRequest(
        @Pattern(regexp = "me|usr_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}", message = "must be a user's id or me")
        @Nullable
        String userId) {

    UserId owner(Caller caller) {
        return (userId == null ? caller.user() : UserId.parse(userId).or(caller::user)).orElseThrow();
    }
}
