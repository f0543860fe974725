package dev.usersapi.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.usersapi.database.EmbeddedDatabase;
import dev.usersapi.error.StartupRefusedException;
import jakarta.validation.Validator;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.DefaultApplicationArguments;

class FirstAdminTests {

    private final UserService users = mock();
    private final EmbeddedDatabase embedded = mock();

    @BeforeEach
    void stubUsers() {
        when(users.createFirstAdmin(any())).thenReturn(true);
        when(users.findAdminEmail()).thenReturn(Optional.of("admin@example.com"));
    }

    /** Runs with the embedded database, or without an argument as with any other database. */
    private FirstAdmin run(String password, EmbeddedDatabase... databases) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        Stream.of(databases).forEach(database -> beans.addBean("embedded", database));
        FirstAdmin admin = new FirstAdmin(
                users,
                mock(Validator.class),
                new SecureRandom(),
                new FirstAdmin.Properties("", password),
                beans.getBeanProvider(EmbeddedDatabase.class));
        admin.run(new DefaultApplicationArguments());
        return admin;
    }

    private String createdPassword() {
        ArgumentCaptor<CreateUserRequest> created = ArgumentCaptor.captor();
        verify(users).createFirstAdmin(created.capture());
        return String.valueOf(created.getValue().password());
    }

    @Test
    void passwordIsGeneratedWithTheEmbeddedDatabase() {
        assertThat(run("", embedded).generatedPassword()).contains(createdPassword());
    }

    @Test
    void passwordIsGeneratedForAnotherDatabaseOnlyOnRequest() {
        assertThatThrownBy(() -> run(""))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessage("The database has no users yet, and USERS_ADMIN_PASSWORD is not set.");
        verify(users, never()).createFirstAdmin(any());

        assertThat(run("random").generatedPassword()).contains(createdPassword());
        assertThat(createdPassword()).hasSizeGreaterThanOrEqualTo(20);
    }

    @Test
    void configuredPasswordIsNotShown() {
        assertThat(run("correct-horse-battery").generatedPassword()).isEmpty();
        assertThat(createdPassword()).isEqualTo("correct-horse-battery");
    }

    @Test
    void noAdminIsCreatedWhenUsersExist() {
        when(users.hasUsers()).thenReturn(true);
        when(users.findAdminEmail()).thenReturn(Optional.of("ops@example.org"));

        assertThat(run("").email()).contains("ops@example.org");
        verify(users, never()).createFirstAdmin(any());
    }

    @Test
    void noPasswordIsShownWhenAnotherInstanceCreatedTheAdmin() {
        when(users.createFirstAdmin(any())).thenReturn(false);

        assertThat(run("random").generatedPassword()).isEmpty();
    }
}
