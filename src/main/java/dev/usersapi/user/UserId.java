package dev.usersapi.user;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.http.TypeId;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.io.Serializable;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** The id of a user: a UUIDv7, whose text form is a {@link TypeId} with the prefix {@code usr}. */
@Embeddable
public record UserId(@Column(name = "id") UUID value) implements Serializable {

    private static final String PREFIX = "usr";

    static UserId next(Instant now, RandomGenerator random) {
        return new UserId(TypeId.next(now, random));
    }

    /** Returns empty when the text is not the id of a user. */
    public static Optional<UserId> parse(String text) {
        return TypeId.parse(PREFIX, text).map(UserId::new);
    }

    /** Throws {@link ErrorCode#USER_NOT_FOUND} when the text is not the id of a user. */
    static UserId require(String text) {
        return new UserId(TypeId.require(PREFIX, text, ErrorCode.USER_NOT_FOUND, "a user's id"));
    }

    @Override
    public String toString() {
        return TypeId.format(PREFIX, value);
    }
}
