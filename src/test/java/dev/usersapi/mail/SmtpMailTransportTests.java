package dev.usersapi.mail;

import static dev.usersapi.mail.MailPropertiesTests.properties;
import static dev.usersapi.mail.MailPropertiesTests.smtpUser;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import jakarta.mail.MessagingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/** Which replies of an SMTP server count as a permanent refusal. OutboxIT tests delivery. */
class SmtpMailTransportTests {

    private static MailDeliveryException deliverAndFail(int port, String recipient) {
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost("127.0.0.1");
        sender.setPort(port);
        MailProperties properties = properties("", "", "");
        SmtpMailTransport transport = new SmtpMailTransport(
                sender,
                new MailComposer(new MailTemplates(properties), properties, smtpUser(""), Clock.systemUTC()),
                "127.0.0.1");
        Mail mail = new Mail("totp-enabled", recipient, Map.of("name", "Jane"));
        return catchThrowableOfType(MailDeliveryException.class, () -> {
            try {
                transport.deliver(mail);
            } catch (MessagingException | RuntimeException e) {
                throw new MailDeliveryException(mail, e);
            }
        });
    }

    /** Runs one SMTP session: sends the reply to the given command and accepts all other commands. */
    private static void refuse(ServerSocket server, String command, String reply) {
        try (Socket client = server.accept();
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))) {
            String answer = "220 ready";
            do {
                client.getOutputStream().write((answer + "\r\n").getBytes(StandardCharsets.US_ASCII));
                String line = lines.readLine();
                while (answer.startsWith("354") && line != null && !line.equals(".")) {
                    line = lines.readLine();
                }
                String success = "DATA".equals(line) ? "354 go on" : "250 ok";
                answer = line == null ? null : line.startsWith(command) ? reply : success;
            } while (answer != null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "RCPT, 550 5.1.1 <jane@example.com> is unknown, true",
        "RCPT, 450 4.2.1 come back later, false",
        "MAIL, 550 5.7.1 sender not allowed, false",
        "MAIL, 530 5.7.0 log in first, false",
        "., 554 5.6.0 content refused, true",
        "., 451 4.3.0 disk full, false",
        "DATA, 421 4.3.2 shutting down, false"
    })
    void isPermanentRefusalIsTrueOnlyFor5xxRepliesAboutTheMailItself(String command, String reply, boolean permanent)
            throws IOException {
        try (ServerSocket server = new ServerSocket(0)) {
            CompletableFuture<Void> session = CompletableFuture.runAsync(() -> refuse(server, command, reply));

            MailDeliveryException failure = deliverAndFail(server.getLocalPort(), "jane@example.com");

            assertThat(failure.isPermanentRefusal()).isEqualTo(permanent);
            assertThat(failure.reason())
                    .contains(reply.substring(0, 3))
                    .doesNotContain("jane@example.com")
                    .doesNotContain("\n");
            session.join();
        }
    }

    @Test
    void isPermanentRefusalIsFalseWhenTheServerCannotBeReached() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }

        MailDeliveryException failure = deliverAndFail(port, "jane@example.com");

        assertThat(failure.isPermanentRefusal()).isFalse();
        assertThat(failure.reason()).contains("Connection refused");
    }

    @Test
    void isPermanentRefusalIsTrueWhenTheRecipientIsNotAnAddress() throws IOException {
        assertThat(deliverAndFail(1, "jane").isPermanentRefusal()).isTrue();
    }
}
