package dev.usersapi.mail;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Without an SMTP server: writes each mail to a file that mail programs can open, and logs its path. */
final class FileMailTransport implements MailTransport {

    static final int MAX_FILES = 1000;

    private static final Logger log = LoggerFactory.getLogger(FileMailTransport.class);
    // so that the names of the files sort by time
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final Path directory;
    private final MailComposer composer;
    private final Clock clock;

    FileMailTransport(Path directory, MailComposer composer, Clock clock) {
        this.directory = directory;
        this.composer = composer;
        this.clock = clock;
    }

    @Override
    public void deliver(Mail mail) throws MessagingException, IOException {
        MimeMessage message = composer.compose(mail, new MimeMessage(Session.getInstance(new Properties())));
        Files.createDirectories(directory, ownerOnly());
        String prefix = TIMESTAMP.format(clock.instant()) + "-" + mail.template() + "-";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        message.writeTo(bytes);
        Path file = Files.createTempFile(directory, prefix, ".eml"); // only the owner can read it
        try {
            Files.write(file, bytes.toByteArray());
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
        log.info("Mail {} was written to {}", mail, file);
        deleteOldest();
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    private void deleteOldest() {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> oldest = files.filter(file -> file.toString().endsWith(".eml"))
                    .sorted(Comparator.reverseOrder())
                    .skip(MAX_FILES)
                    .toList();
            for (Path file : oldest) {
                Files.deleteIfExists(file); // another instance may have deleted it
            }
        } catch (IOException | UncheckedIOException e) {
            log.warn("Old mail in {} cannot be deleted: {}", directory, e.toString());
        }
    }

    @Override
    public String destination() {
        return "written to " + directory + "; set SPRING_MAIL_HOST to send it";
    }
}
