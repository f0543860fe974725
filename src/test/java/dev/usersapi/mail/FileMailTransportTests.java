package dev.usersapi.mail;

import static dev.usersapi.mail.MailPropertiesTests.properties;
import static dev.usersapi.mail.MailPropertiesTests.smtpUser;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class FileMailTransportTests {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T10:20:30.987Z"), ZoneOffset.UTC);
    private static final String TOKEN = "lt_" + "x".repeat(43);
    private static final Mail MAIL =
            new Mail("invitation", "jane@example.com", Map.of("name", "Jane", "token", TOKEN, "valid_for", "7 days"));

    @TempDir
    private Path parent;

    private FileMailTransport transport(Path directory) {
        MailProperties properties = properties("", "https://app.example.com", "");
        MailTemplates templates = new MailTemplates(properties);
        return new FileMailTransport(directory, new MailComposer(templates, properties, smtpUser(""), CLOCK), CLOCK);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    @Test
    void deliverWritesTheMailToAFileAndLogsNoSecret(CapturedOutput output) throws MessagingException, IOException {
        Path directory = parent.resolve("data").resolve("mail");

        transport(directory).deliver(MAIL);

        Path file = files(directory).get(0);
        assertThat(file.getFileName().toString()).matches("20261124T102030\\.987Z-invitation-\\d+\\.eml");
        try (InputStream stream = Files.newInputStream(file)) {
            MimeMessage message = new MimeMessage(Session.getInstance(new Properties()), stream);
            assertThat(message.getSubject()).isEqualTo("Your new account");
            assertThat(message.getHeader("To", null)).isEqualTo("jane@example.com");
        }
        assertThat(Files.readString(file)).contains(TOKEN);
        assertThat(output)
                .containsOnlyOnce("Mail invitation to j***@example.com was written to " + file)
                .doesNotContain(TOKEN, "jane@example.com");
        assertThat(output.toString().lines()).as("lines of the log").hasSize(1);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS) // has no POSIX permissions
    void onlyTheOwnerCanReadTheFiles() throws MessagingException, IOException {
        Path directory = parent.resolve("data").resolve("mail");

        transport(directory).deliver(MAIL);

        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(files(directory).get(0))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void deliverOverwritesNoFileAndKeepsTheNewestThousand() throws MessagingException, IOException {
        for (int i = 0; i < FileMailTransport.MAX_FILES; i++) {
            Files.createFile(parent.resolve("20250101T%06d.000Z-totp-enabled-1.eml".formatted(i)));
        }
        Path other = Files.createFile(parent.resolve("0.txt"));

        transport(parent).deliver(MAIL);
        transport(parent).deliver(MAIL); // at the same instant

        List<Path> files = files(parent);
        assertThat(files).hasSize(FileMailTransport.MAX_FILES + 1).startsWith(other);
        assertThat(files.get(1).getFileName()).hasToString("20250101T000002.000Z-totp-enabled-1.eml");
        assertThat(files.subList(FileMailTransport.MAX_FILES - 1, FileMailTransport.MAX_FILES + 1))
                .allMatch(file -> file.toString().contains("-invitation-"));
    }

    @Test
    void deliverThrowsWhenTheDirectoryCannotBeWritten() throws IOException {
        Path file = Files.createFile(parent.resolve("file"));

        assertThatThrownBy(() -> transport(file).deliver(MAIL)).isInstanceOf(IOException.class);
    }
}
