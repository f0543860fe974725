package dev.usersapi.apikey;

import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of the list of API keys.
 *
 * @param userId the owner; null or {@code me} for the caller
 */
record ListApiKeysRequest(@Nullable String userId) {

    /** Empty when the text is not the id of a user. */
    Optional<UserId> owner(Caller caller) {
        return userId == null || userId.equals("me") ? caller.user() : UserId.parse(userId);
    }
}
