package dev.usersapi.mail;

import jakarta.mail.MessagingException;
import org.springframework.mail.javamail.JavaMailSender;

/** Sends mail through the SMTP server that {@code spring.mail.*} configures. */
final class SmtpMailTransport implements MailTransport {

    private final JavaMailSender sender;
    private final MailComposer composer;
    private final String host;

    SmtpMailTransport(JavaMailSender sender, MailComposer composer, String host) {
        this.sender = sender;
        this.composer = composer;
        this.host = host;
    }

    @Override
    public void deliver(Mail mail) throws MessagingException {
        sender.send(composer.compose(mail, sender.createMimeMessage()));
    }

    @Override
    public String destination() {
        return "sent through " + host;
    }
}
