package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.usersapi.database.EmbeddedDatabaseAutoConfiguration.NoDatabaseConfigured;
import dev.usersapi.error.StartupRefusedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.mock.env.MockEnvironment;

class DatabaseUrlTests {

    private static boolean isUrlMissing(String url) {
        ConditionContext context = mock();
        when(context.getEnvironment()).thenReturn(new MockEnvironment().withProperty("spring.datasource.url", url));
        return new NoDatabaseConfigured().matches(context, mock(AnnotatedTypeMetadata.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://user:secret@host/db",
                "jdbc:postgresql://user:secret@host:5432/db?ssl=true",
                "jdbc:postgresql://one,user:secret@two:5432/db",
                "jdbc:postgresql://user:secret/with@host/db",
                "postgresql://user:secret@host/db"
            })
    void aUrlWithAPasswordIsRefusedAndNotShown(String url) {
        assertThatExceptionOfType(StartupRefusedException.class)
                .isThrownBy(() -> isUrlMissing(url))
                .withMessageStartingWith("SPRING_DATASOURCE_URL")
                .withMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"jdbc:postgresql://[::1]:5432/db", "jdbc:postgresql://host/db?user=name@server&password=p@ssword"
            })
    void aUrlWithoutAPasswordBeforeTheHostIsAccepted(String url) {
        assertThat(isUrlMissing(url)).isFalse();
    }
}
