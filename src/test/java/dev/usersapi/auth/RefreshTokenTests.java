package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RefreshTokenTests {

    private static final Instant NOW = Instant.parse("2026-11-23T12:34:56.123456Z");
    private static final String TEXT = RefreshToken.newText(new Random(1));

    private static RefreshToken used(long seed) {
        RefreshToken token = new RefreshToken(TEXT, new UUID(1, 2));
        token.use(TEXT, NOW, new Random(seed));
        return token;
    }

    @Test
    void successorDependsOnTextAndSaltOnly() {
        RefreshToken token = used(2);

        assertThat(token.successor(TEXT))
                .isEqualTo(token.successor(TEXT))
                .matches("rt_[A-Za-z0-9_-]{43}")
                .isNotEqualTo(TEXT)
                .isNotEqualTo(token.successor(TEXT + "x"))
                .isNotEqualTo(used(3).successor(TEXT));
    }

    @Test
    void gracePeriodEndsTenSecondsAfterTheUse() {
        RefreshToken token = used(2);

        assertThat(new RefreshToken(TEXT, new UUID(1, 2)).isInGracePeriod(NOW))
                .as("never used")
                .isFalse();
        assertThat(token.isInGracePeriod(NOW.minusMillis(1)))
                .as("requested before the use, but processed after it")
                .isTrue();
        assertThat(token.isInGracePeriod(NOW.plusSeconds(10))).isTrue();
        assertThat(token.isInGracePeriod(NOW.plusSeconds(10).plusNanos(1000))).isFalse();
    }

    @Test
    void supersededTokenHasNoGracePeriodAndNoSuccessor() {
        RefreshToken token = new RefreshToken(TEXT, new UUID(1, 2));

        token.supersede(NOW);

        assertThat(token.isUsed()).isTrue();
        assertThat(token.isInGracePeriod(NOW)).isFalse();
        assertThat(token.successorHash()).isNull();
    }
}
