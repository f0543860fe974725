package dev.usersapi.mail;

import static dev.usersapi.mail.MailPropertiesTests.properties;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.StartupRefusedException;
import dev.usersapi.mail.MailTemplates.Content;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MailTemplatesTests {

    private static final String TOKEN = "lt_" + "x".repeat(43);
    private static final Map<String, String> VALUES = Map.of(
            "name",
            "Zoë",
            "token",
            TOKEN,
            "valid_for",
            "7 days",
            "key_name",
            "Report",
            "new_email",
            "new@example.com",
            "began",
            "2026-11-23 12:34 UTC");

    @TempDir
    private Path directory;

    private Content render(String appUrl, String template) {
        return new MailTemplates(properties("", appUrl, "")).render(new Mail(template, "zoe@example.com", VALUES));
    }

    private Content renderOwn(String template, Map<String, String> values) {
        return new MailTemplates(properties("", "", directory.toString()))
                .render(new Mail(template, "zoe@example.com", values));
    }

    @ParameterizedTest
    @CsvSource({
        "invitation, /activate, POST /api/v1/auth/activate",
        "password-reset, /reset-password, POST /api/v1/auth/password/reset",
        "email-confirmation, /confirm-email, POST /api/v1/auth/email/confirm"
    })
    void tokensComeAsALinkWhereThereIsAPageForItAndElseWithTheCallThatTakesThem(
            String template, String path, String call) {
        String link = "https://app.example.com" + path + "?token=" + TOKEN;

        Content linked = render("https://app.example.com", template);
        assertThat(linked.text())
                .contains("\n" + link + "\n")
                .contains("within 7 days")
                .doesNotContain("POST");
        assertThat(linked.html()).contains("<a href=\"" + link + "\">").doesNotContain("POST");

        Content bare = render("", template);
        assertThat(bare.text()).contains("\n" + TOKEN + "\n").contains(call).doesNotContain("http");
        assertThat(bare.html())
                .contains("<code>" + TOKEN + "</code>")
                .contains(call)
                .contains("within 7 days");
    }

    @ParameterizedTest
    @CsvSource({
        "invitation, Your new account",
        "password-reset, Set a new password",
        "password-changed, Your password was changed",
        "email-confirmation, Confirm your e-mail address",
        "email-changed, Your e-mail address was changed",
        "totp-enabled, Two-step log-in is on",
        "totp-removed, Two-step log-in is off",
        "api-key-created, A new API key",
        "session-ended, One of your sessions was ended"
    })
    void everyMailAddressesItsReaderAndLeavesNothingOfTheTemplate(String template, String subject) {
        for (String appUrl : new String[] {"", "https://app.example.com"}) {
            Content content = render(appUrl, template);
            String greeting = template.equals("email-confirmation") ? "Hello" : "Hello Zoë";

            assertThat(content.subject()).isEqualTo(subject);
            assertThat(content.text()).startsWith(greeting + ",\n\n").doesNotContain("{", "}", "\n\n\n\n");
            assertThat(content.html())
                    .contains("<p>" + greeting + ",</p>", "<html lang=\"en\">", "<title>" + subject + "</title>")
                    .doesNotContain("{", "}");
            if (!appUrl.isEmpty()) {
                assertThat(content.text()).contains(appUrl);
                assertThat(content.html()).contains(appUrl);
            }
        }
    }

    @Test
    void valuesAreNeitherLinesNorMarkupNorTemplates() throws IOException {
        Files.writeString(directory.resolve("invitation.txt"), "Subject: Welcome {{name}}\r\n\r\nDear {{name}},\r\nhi");

        Content content = renderOwn(
                "invitation",
                Map.of("name", "\"><b>\r\nBcc: x\u2028{{token}}$1'&", "token", TOKEN, "valid_for", "an hour"));

        assertThat(content.subject()).isEqualTo("Welcome \"><b> Bcc: x {{token}}$1'&");
        assertThat(content.text()).isEqualTo("Dear \"><b> Bcc: x {{token}}$1'&,\r\nhi");
        assertThat(content.html()).contains("Hello &quot;&gt;&lt;b&gt; Bcc: x {{token}}$1&#39;&amp;,");
    }

    @Test
    void ownFilesTakeThePlaceOfBuiltInOnesOneByOne() throws IOException {
        Files.writeString(
                directory.resolve("password-changed.html"),
                "<p>{{#name}}Hallo {{name}}{{/name}}{{^name}}Hallo{{/name}}</p>");

        Content content = renderOwn("password-changed", Map.of("name", "Zoë"));
        assertThat(content.html()).isEqualTo("<p>Hallo Zoë</p>");
        assertThat(content.subject()).isEqualTo("Your password was changed");
        assertThat(renderOwn("password-changed", Map.of("name", "")).html()).isEqualTo("<p>Hallo</p>");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    invitaton.txt       | Subject: S\\n\\ntext            | is no mail's
                    mail.html           | <p>text</p>                    | is no mail's
                    totp-enabled.txt    | Subject: S\\n\\n{{token}}       | asks for [token], which is not among
                    totp-enabled.html   | {{#nmae}}{{name}}{{/nmae}}     | asks for [nmae], which is not among
                    invitation.html     | {{token}                       | has a {{ that is no {{name}}
                    invitation.html     | {{ token }}                    | has a {{ that is no {{name}}
                    invitation.html     | {{#name}}                      | or a section that does not end
                    invitation.html     | {{#name}}{{/token}}            | or a section that does not end
                    invitation.txt      | Hello {{name}}                 | does not begin with a line "Subject: …"
                    invitation.txt      | Subject:\\n\\ntext              | does not begin with a line "Subject: …"
                    invitation.txt      | Subject: S                     | does not begin with a line "Subject: …"
                    invitation.txt      | Subject: S\\n\\n                | does not begin with a line "Subject: …"
                    """)
    void whatWouldFailWhenItIsNeededIsRefusedAtTheStart(String file, String text, String fault) throws IOException {
        Files.writeString(directory.resolve(file), text.replace("\\n", "\n"));

        assertThatThrownBy(() -> new MailTemplates(properties("", "", directory.toString())))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageStartingWith("The mail template " + directory.resolve(file))
                .hasMessageContaining(fault);
    }

    @Test
    void whatCannotBeReadIsRefusedAtTheStart() throws IOException {
        assertThatThrownBy(() -> new MailTemplates(
                        properties("", "", directory.resolve("none").toString())))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageContaining("none cannot be listed");

        Path file = Files.write(directory.resolve("invitation.html"), "Zoë".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> renderOwn("invitation", VALUES))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageContaining("is not written in UTF-8");

        Files.delete(file);
        Files.createDirectory(file);
        assertThatThrownBy(() -> renderOwn("invitation", VALUES))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void aMailMustHaveATemplateAndAllItsValues() {
        MailTemplates templates = new MailTemplates(properties("", "", ""));

        assertThatThrownBy(() -> templates.requireComplete(new Mail("spam", "zoe@example.com", VALUES)))
                .hasMessage("No template spam");
        assertThatThrownBy(() ->
                        templates.requireComplete(new Mail("totp-enabled", "zoe@example.com", Map.of("nmae", "Zoë"))))
                .hasMessage("Mail totp-enabled lacks [name]");
    }
}
