package dev.usersapi.apikey;

import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose keys to list.
 *
 * @param userId null, like {@code me}, for the caller's own
 */
record ListApiKeysRequest(@Nullable String userId) {

    /** Empty when the text is no user's id. */
    Optional<UserId> owner(Caller caller) {
        return userId == null || userId.equals("me") ? caller.user() : UserId.parse(userId);
    }
}
