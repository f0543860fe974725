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

    private Content renderFromDirectory(String template, Map<String, String> values) {
        return new MailTemplates(properties("", "", directory.toString()))
                .render(new Mail(template, "zoe@example.com", values));
    }

    @ParameterizedTest
    @CsvSource({
        "invitation, /activate, POST /api/v1/auth/activate",
        "password-reset, /reset-password, POST /api/v1/auth/password/reset",
        "email-confirmation, /confirm-email, POST /api/v1/auth/email/confirm"
    })
    void mailShowsALinkWhenTheAppUrlIsSetAndElseTheTokenAndItsEndpoint(String template, String path, String call) {
        String link = "https://app.example.com" + path + "?token=" + TOKEN;

        Content linked = render("https://app.example.com", template);
        assertThat(linked.text())
                .contains("\n" + link + "\n")
                .contains("valid for 7 days")
                .doesNotContain("POST");
        assertThat(linked.html()).contains("<a href=\"" + link + "\">").doesNotContain("POST");

        Content bare = render("", template);
        assertThat(bare.text()).contains("\n" + TOKEN + "\n").contains(call).doesNotContain("http");
        assertThat(bare.html())
                .contains("<code>" + TOKEN + "</code>")
                .contains(call)
                .contains("valid for 7 days");
    }

    @ParameterizedTest
    @CsvSource({
        "invitation, Your new account",
        "password-reset, Set a new password",
        "password-changed, Your password was changed",
        "email-confirmation, Confirm your e-mail address",
        "email-changed, Your e-mail address was changed",
        "totp-enabled, Two-step login is on",
        "totp-removed, Two-step login is off",
        "api-key-created, A new API key",
        "session-ended, One of your sessions was ended"
    })
    void everyMailHasASubjectAndAGreetingAndNoTagIsLeft(String template, String subject) {
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
    void valuesCannotAddLinesMarkupOrTags() throws IOException {
        Files.writeString(directory.resolve("invitation.txt"), "Subject: Welcome {{name}}\r\n\r\nDear {{name}},\r\nhi");

        Content content = renderFromDirectory(
                "invitation",
                Map.of("name", "\"><b>\r\nBcc: x\u2028{{token}}$1'&", "token", TOKEN, "valid_for", "an hour"));

        assertThat(content.subject()).isEqualTo("Welcome \"><b> Bcc: x {{token}}$1'&");
        assertThat(content.text()).isEqualTo("Dear \"><b> Bcc: x {{token}}$1'&,\r\nhi");
        assertThat(content.html()).contains("Hello &quot;&gt;&lt;b&gt; Bcc: x {{token}}$1&#39;&amp;,");
    }

    @Test
    void htmlEscapesTheValueOfATagThatAsksForNoEscaping() throws IOException {
        Files.writeString(directory.resolve("password-changed.html"), "{{{name}}} {{& name }}");

        assertThat(renderFromDirectory("password-changed", Map.of("name", "<b>"))
                        .html())
                .isEqualTo("&lt;b&gt; &lt;b&gt;");
    }

    @Test
    void aFileOfTheOperatorReplacesOnlyTheBuiltInFileOfTheSameName() throws IOException {
        Files.writeString(
                directory.resolve("password-changed.html"),
                "<p>{{#name}}Hallo {{name}}{{/name}}{{^name}}Hallo{{/name}}</p>");

        Content content = renderFromDirectory("password-changed", Map.of("name", "Zoë"));
        assertThat(content.html()).isEqualTo("<p>Hallo Zoë</p>");
        assertThat(content.subject()).isEqualTo("Your password was changed");
        assertThat(renderFromDirectory("password-changed", Map.of("name", "")).html())
                .isEqualTo("<p>Hallo</p>");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    invitaton.txt       | Subject: S\\n\\ntext            | has an unknown name
                    mail.html           | <p>text</p>                    | has an unknown name
                    totp-enabled.txt    | Subject: S\\n\\n{{token}}       | uses [token]; the variables of this mail are
                    totp-enabled.html   | {{#nmae}}{{name}}{{/nmae}}     | uses [nmae]; the variables of this mail are
                    totp-enabled.html   | {{^nmae}}{{name}}{{/nmae}}     | uses [nmae]; the variables of this mail are
                    totp-enabled.html   | {{{nmae}}}                     | uses [nmae]; the variables of this mail are
                    totp-enabled.html   | {{name.class}}                 | uses [name.class]; the variables of this mail are
                    totp-enabled.html   | {{.}}                          | uses [.]; the variables of this mail are
                    invitation.html     | {{token}                       | is not valid: A tag does not end with }}
                    invitation.html     | {{to{{token}}                  | is not valid: A tag does not end with }}
                    invitation.html     | {{}}                           | is not valid: A tag is empty
                    invitation.html     | {{ }}                          | is not valid: A tag is empty
                    invitation.html     | {{&}}                          | is not valid: A tag is empty
                    invitation.html     | {{{}}}                         | is not valid: A tag is empty
                    invitation.html     | {{#}}                          | is not valid: A tag is empty
                    invitation.html     | {{#}}{{/}}                     | is not valid: A tag is empty
                    invitation.html     | {{^}}{{/}}                     | is not valid: A tag is empty
                    invitation.html     | {{/}}                          | is not valid: A tag is empty
                    invitation.html     | {{=<% %>=}}<%name              | is not valid: The delimiters {{ and }} cannot
                    invitation.txt      | Subject: S\\n\\n{{=<% %>=}}<%  | is not valid: The delimiters {{ and }} cannot
                    invitation.html     | {{#name}}                      | is not valid: Section missing close tag 'name'
                    invitation.html     | {{#name}}{{/token}}            | is not valid: Section close tag with mismatched
                    invitation.html     | {{>header}}                    | is not valid: A mail template cannot include
                    invitation.html     | {{<page}}{{/page}}             | is not valid: A mail template cannot include
                    invitation.html     | {{$title}}{{/title}}           | is not valid: A mail template cannot include
                    invitation.txt      | Subject: {{#name}}S\\n\\n{{/name}} | is not valid: Section missing close tag
                    invitation.txt      | Hello {{name}}                 | does not consist of a line "Subject: …"
                    invitation.txt      | Subject:\\n\\ntext              | does not consist of a line "Subject: …"
                    invitation.txt      | Subject: S                     | does not consist of a line "Subject: …"
                    invitation.txt      | Subject: S\\n\\n                | does not consist of a line "Subject: …"
                    """)
    void startIsRefusedWhenATemplateIsNotValid(String file, String text, String fault) throws IOException {
        Files.writeString(directory.resolve(file), text.replace("\\n", "\n"));

        assertThatThrownBy(() -> new MailTemplates(properties("", "", directory.toString())))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageStartingWith("The mail template " + directory.resolve(file))
                .hasMessageContaining(fault);
    }

    @Test
    void startIsRefusedWhenTemplatesCannotBeRead() throws IOException {
        assertThatThrownBy(() -> new MailTemplates(
                        properties("", "", directory.resolve("none").toString())))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageContaining("none cannot be listed");

        Path file = Files.write(directory.resolve("invitation.html"), "Zoë".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> renderFromDirectory("invitation", VALUES))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageContaining("is not encoded in UTF-8");

        Files.delete(file);
        Files.createDirectory(file);
        assertThatThrownBy(() -> renderFromDirectory("invitation", VALUES))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void requireCompleteThrowsWhenTheTemplateOrAValueIsMissing() {
        MailTemplates templates = new MailTemplates(properties("", "", ""));

        assertThatThrownBy(() -> templates.requireComplete(new Mail("spam", "zoe@example.com", VALUES)))
                .hasMessage("There is no mail template spam");
        assertThatThrownBy(() ->
                        templates.requireComplete(new Mail("totp-enabled", "zoe@example.com", Map.of("nmae", "Zoë"))))
                .hasMessage("The mail totp-enabled has no value for [name]");
    }
}
