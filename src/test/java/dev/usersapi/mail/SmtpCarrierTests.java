package dev.usersapi.mail;

import static dev.usersapi.mail.MailPropertiesTests.properties;
import static dev.usersapi.mail.MailPropertiesTests.user;
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

/** What a server's refusals are taken for; what it takes is tested with a real one. */
class SmtpCarrierTests {

    private static UndeliveredException failure(int port, String recipient) {
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost("127.0.0.1");
        sender.setPort(port);
        MailProperties properties = properties("", "", "");
        SmtpCarrier carrier = new SmtpCarrier(
                sender,
                new MailComposer(new MailTemplates(properties), properties, user(""), Clock.systemUTC()),
                "127.0.0.1");
        Mail mail = new Mail("totp-enabled", recipient, Map.of("name", "Jane"));
        return catchThrowableOfType(UndeliveredException.class, () -> {
            try {
                carrier.deliver(mail);
            } catch (MessagingException | RuntimeException e) {
                throw new UndeliveredException(mail, e);
            }
        });
    }

    /** Answers one conversation, with the reply to the commands that begin so, and serves all others. */
    private static void refuse(ServerSocket server, String command, String reply) {
        try (Socket client = server.accept();
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))) {
            String said = "220 ready";
            do {
                client.getOutputStream().write((said + "\r\n").getBytes(StandardCharsets.US_ASCII));
                String line = lines.readLine();
                while (said.startsWith("354") && line != null && !line.equals(".")) {
                    line = lines.readLine();
                }
                String served = "DATA".equals(line) ? "354 go on" : "250 ok";
                said = line == null ? null : line.startsWith(command) ? reply : served;
            } while (said != null);
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
    void onlyWhatAServerSaysOfTheMailItselfIsARefusalForGood(String command, String reply, boolean refusal)
            throws IOException {
        try (ServerSocket server = new ServerSocket(0)) {
            CompletableFuture<Void> conversation = CompletableFuture.runAsync(() -> refuse(server, command, reply));

            UndeliveredException failure = failure(server.getLocalPort(), "jane@example.com");

            assertThat(failure.isRefusal()).isEqualTo(refusal);
            assertThat(failure.reason())
                    .contains(reply.substring(0, 3))
                    .doesNotContain("jane@example.com")
                    .doesNotContain("\n");
            conversation.join();
        }
    }

    @Test
    void aServerThatIsAwayIsNone() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }

        UndeliveredException failure = failure(port, "jane@example.com");

        assertThat(failure.isRefusal()).isFalse();
        assertThat(failure.reason()).contains("Connection refused");
    }

    @Test
    void whatIsNoAddressIsRefused() throws IOException {
        assertThat(failure(1, "jane").isRefusal()).isTrue();
    }
}
