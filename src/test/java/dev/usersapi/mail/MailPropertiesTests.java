package dev.usersapi.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.StartupRefusedException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailPropertiesTests {

    static MailProperties properties(String from, String appUrl, String templates) {
        return new MailProperties(from, appUrl, templates, Path.of("mail"));
    }

    static MailProperties.Smtp smtpUser(String name) {
        return new MailProperties.Smtp("", name);
    }

    @ParameterizedTest
    @CsvSource({
        "https://app.example.com, https://app.example.com",
        "http://localhost:3000/, http://localhost:3000",
        "https://example.com/users//, https://example.com/users",
        "'', ''"
    })
    void appUrlLosesItsTrailingSlashes(String given, String expected) {
        assertThat(properties("", given, "").appUrl()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app.example.com",
                "javascript:alert(1)",
                "ftp://example.com",
                "https://",
                "https:///path",
                "https://example.com?a",
                "https://example.com/#a",
                "https://exa mple.com"
            })
    void startIsRefusedWhenTheAppUrlIsNotABaseUrl(String given) {
        assertThatThrownBy(() -> properties("", given, ""))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageContaining("USERS_MAIL_APP_URL")
                .hasMessageContaining(given);
    }

    @Test
    void senderIsTheSettingOrTheSmtpUserOrADefault() {
        assertThat(properties("a@example.com", "", "").from(smtpUser("b@example.com")))
                .isEqualTo("a@example.com");
        assertThat(properties("", "", "").from(smtpUser("b@example.com"))).isEqualTo("b@example.com");
        assertThat(properties("", "", "").from(smtpUser("b"))).isEqualTo("users-api@localhost");
        assertThat(properties("", "", "").from(smtpUser(""))).isEqualTo("users-api@localhost");
    }
}
