package dev.usersapi.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;

import dev.usersapi.database.EmbeddedDatabase;
import dev.usersapi.error.StartupRefusedException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class ReplicaConfigurationTests {

    private static final String REPLICA = "users.replica.url=jdbc:postgresql://standby/users";

    @EnableConfigurationProperties(ReplicaProperties.class)
    private static final class Properties {}

    private final ApplicationContextRunner service = new ApplicationContextRunner()
            .withUserConfiguration(ReplicaConfiguration.class, Properties.class)
            .withBean(SimpleMeterRegistry.class);

    @ParameterizedTest
    @ValueSource(strings = {"other=", "users.replica.url="})
    void thereAreNoBeansWithoutAReplicaUrl(String setting) {
        service.withPropertyValues(setting).run(context -> {
            assertThat(context).doesNotHaveBean(ReadReplica.class);
            assertThat(context).doesNotHaveBean(ReplicaLease.class);
            assertThat(context).doesNotHaveBean(ReplicationWaitFilter.class);
        });
    }

    @Test
    void thereAreAFilterAndAGaugeWithAReplicaUrl() {
        service.withPropertyValues(REPLICA)
                .withBean(JdbcConnectionDetails.class, () -> mock())
                .run(context -> {
                    assertThat(context).hasSingleBean(ReadReplica.class).hasSingleBean(ReplicationWaitFilter.class);
                    assertThat(context.getBean(SimpleMeterRegistry.class)
                                    .get("users.replica.serving")
                                    .gauge()
                                    .value())
                            .isZero();
                });
    }

    @Test
    void startIsRefusedWithTheEmbeddedDatabase() {
        service.withPropertyValues(REPLICA)
                .withBean(EmbeddedDatabase.class, () -> mock())
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(StartupRefusedException.class)
                        .hasMessageContaining("the embedded PostgreSQL has no replica"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "standby",
                "jdbc:postgresql://a,b/users",
                "jdbc:mysql://standby/users",
                "jdbc:postgresql://user:secret@standby:5432/users"
            })
    void startIsRefusedWhenTheUrlIsNotThatOfOneServer(String url) {
        assertThatExceptionOfType(StartupRefusedException.class)
                .isThrownBy(() -> new ReplicaProperties(url))
                .withMessageNotContaining("secret");
    }

    @Test
    void theLoggedUrlHasNoPassword() {
        assertThat(new ReplicaProperties("jdbc:postgresql://standby:5433/users?password=secret").urlWithoutParameters())
                .isEqualTo("jdbc:postgresql://standby:5433/users");
    }
}
