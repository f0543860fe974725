package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.error.StartupRefusedException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class DurationUnitCheckTests {

    @ConfigurationProperties("users.token")
    record OwnSettings(Duration accessTtl) {}

    @ConfigurationProperties("spring.example")
    record SpringSettings(Duration timeout) {}

    @EnableConfigurationProperties({OwnSettings.class, SpringSettings.class})
    static class Configuration {}

    private static final ApplicationContextRunner RUNNER =
            new ApplicationContextRunner().withUserConfiguration(Configuration.class, DurationUnitCheck.class);

    @ParameterizedTest
    @ValueSource(strings = {"900", " 900 ", "-1", "+15"})
    void startIsRefusedWhenADurationHasNoUnit(String text) {
        RUNNER.withPropertyValues("users.token.access-ttl=" + text)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(StartupRefusedException.class)
                        .hasMessage("USERS_TOKEN_ACCESS_TTL=" + text.strip() + " is a duration without a unit."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"900s", "15m", "PT15M"})
    void aDurationWithAUnitIsAccepted(String text) {
        RUNNER.withPropertyValues("users.token.access-ttl=" + text)
                .run(context -> assertThat(context.getBean(OwnSettings.class).accessTtl())
                        .isEqualTo(Duration.ofMinutes(15)));
    }

    @Test
    void zeroAndSettingsOfSpringNeedNoUnit() {
        RUNNER.withPropertyValues("users.token.access-ttl=0", "spring.example.timeout=900")
                .run(context -> {
                    assertThat(context.getBean(OwnSettings.class).accessTtl()).isZero();
                    assertThat(context.getBean(SpringSettings.class).timeout()).isEqualTo(Duration.ofMillis(900));
                });
    }
}
