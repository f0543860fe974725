package dev.usersapi.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.store.FolderException;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.test.context.DynamicPropertyRegistrar;
import org.springframework.test.context.DynamicPropertyRegistry;

/** An SMTP server that stores the mails of the service. */
@TestComponent
public class Mailbox implements DynamicPropertyRegistrar, AutoCloseable {

    public static final String USER = "users-api";
    public static final String PASSWORD = "smtp-password";

    private static final Pattern TOKEN = Pattern.compile("\\blt_[A-Za-z0-9_-]{43}\\b");

    private final GreenMail server = start(0);
    private final Map<String, Integer> taken = new ConcurrentHashMap<>();

    /** Starts a server on the port; 0 means any free one. */
    public static GreenMail start(int port) {
        GreenMail server = new GreenMail(new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP))
                .withConfiguration(GreenMailConfiguration.aConfig().withUser("accounts@example.com", USER, PASSWORD));
        server.start();
        return server;
    }

    @Override
    public void accept(DynamicPropertyRegistry registry) {
        registry.add("spring.mail.port", () -> server.getSmtp().getPort());
    }

    /** Waits for the next mail to the recipient that this method has not returned yet. */
    public Received await(String recipient) {
        int index = taken.merge(recipient, 1, Integer::sum) - 1;
        return Awaitility.await("mail to " + recipient)
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> all(recipient), all -> all.size() > index)
                .get(index);
    }

    /** Whether the recipient got no mail that {@link #await} has not returned. Call it after a later mail has arrived. */
    public boolean isEmpty(String recipient) {
        return all(recipient).size() == taken.getOrDefault(recipient, 0);
    }

    private List<Received> all(String recipient) {
        return received(server, recipient);
    }

    public static List<Received> received(GreenMail server, String recipient) {
        GreenMailUser user = server.getUserManager().getUserByEmail(recipient);
        try {
            return user == null
                    ? List.of()
                    : new ArrayList<>(
                                    server.getManagers() // copied, because mail may arrive meanwhile
                                            .getImapHostManager()
                                            .getInbox(user)
                                            .getMessages())
                            .stream()
                                    .map(message -> new Received(message.getMimeMessage()))
                                    .toList();
        } catch (FolderException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop();
    }

    /** A received mail. */
    public record Received(MimeMessage message) {

        public String subject() {
            try {
                return message.getSubject();
            } catch (MessagingException e) {
                throw new IllegalStateException(e);
            }
        }

        public String text() {
            return part(0, "text/plain");
        }

        public String html() {
            return part(1, "text/html");
        }

        /** The one-time token in the text. */
        public String token() {
            Matcher token = TOKEN.matcher(text());
            assertThat(token.find()).as(text()).isTrue();
            return token.group();
        }

        public @Nullable String header(String name) {
            try {
                return message.getHeader(name, null);
            } catch (MessagingException e) {
                throw new IllegalStateException(e);
            }
        }

        private String part(int index, String type) {
            try {
                BodyPart part = ((MimeMultipart) message.getContent()).getBodyPart(index);
                assertThat(part.isMimeType(type)).isTrue();
                return part.getContent().toString();
            } catch (MessagingException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
