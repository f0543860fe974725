package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.user.UserId;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PermissionCacheTests {

    private final PermissionCache callers = new PermissionCache();

    @Test
    void findIgnoresTheEntryOfAnotherUser() {
        UUID session = new UUID(1, 2);
        assertThat(callers.find(new UserId(new UUID(0, 1)), session, () -> Optional.of(Set.of())))
                .isPresent();

        assertThat(callers.find(new UserId(new UUID(0, 2)), session, Optional::empty))
                .isEmpty();
    }
}
