package dev.usersapi.mail;

import static dev.usersapi.mail.MailPropertiesTests.properties;
import static dev.usersapi.mail.MailPropertiesTests.smtpUser;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.StartupRefusedException;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailComposerTests {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T10:20:30Z"), ZoneOffset.UTC);

    private static final Session SESSION = session();

    @TempDir
    private Path directory;

    /** With the same property as in application.yaml. */
    private static Session session() {
        Properties properties = new Properties();
        properties.setProperty("mail.mime.address.strict", "false");
        return Session.getInstance(properties);
    }

    private MimeMessage compose(String from, String recipient, String name) throws MessagingException, IOException {
        MailProperties properties = properties(from, "", directory.toString());
        MimeMessage message = new MailComposer(new MailTemplates(properties), properties, smtpUser(""), CLOCK)
                .compose(new Mail("password-changed", recipient, Map.of("name", name)), new MimeMessage(SESSION));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        message.writeTo(bytes);
        return new MimeMessage(SESSION, new ByteArrayInputStream(bytes.toByteArray()));
    }

    @Test
    void aNameCannotAddHeadersAndKeepsItsLetters() throws MessagingException, IOException {
        Files.writeString(directory.resolve("password-changed.txt"), "Subject: Für {{name}}\n\n{{name}}");

        MimeMessage message =
                compose("Münchner Büro <a@example.com>", "zoe@example.com", "Zoë 漢字 🙂\r\nBcc: x@example.com");

        assertThat(message.getSubject()).isEqualTo("Für Zoë 漢字 🙂 Bcc: x@example.com");
        assertThat(message.getFrom()[0]).hasToString("=?UTF-8?Q?M=C3=BCnchner_B=C3=BCro?= <a@example.com>");
        assertThat(message.getAllRecipients()).singleElement().hasToString("zoe@example.com");
        assertThat(message.getSentDate()).isEqualTo("2026-11-24T10:20:30Z");
        assertThat(Collections.list(message.getAllHeaderLines()))
                .allMatch(line -> line.chars().allMatch(c -> c < 128));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nobody",
                "",
                "a b@example.com",
                "a@example.com\r\nRCPT TO:<b@example.com>",
                "a@b@example.com",
                "a,b@example.com",
                "\"a\"@example.com"
            })
    void composeThrowsWhenTheRecipientIsNotAnAddress(String recipient) {
        assertThatThrownBy(() -> compose("", recipient, "Zoë")).isInstanceOf(AddressException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a..b@example.com", "o'hara+x@example.com", "a.@example.com"})
    void composeAcceptsAddressesThatSomeServersAccept(String recipient) throws MessagingException, IOException {
        assertThat(compose("", recipient, "Zoë").getAllRecipients())
                .singleElement()
                .hasToString(recipient);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "a@example.com, b@example.com", "<a@example.com", "a@example.com\r\nBcc: b@c.de"})
    void startIsRefusedWhenTheSenderIsNotAnAddress(String from) {
        assertThatThrownBy(() -> compose(from, "zoe@example.com", "Zoë"))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageContaining("USERS_MAIL_FROM is not an e-mail address");
    }
}
