package dev.usersapi.mail;

import dev.usersapi.error.StartupRefusedException;
import dev.usersapi.mail.MailTemplates.Content;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.UnsupportedEncodingException;
import java.time.Clock;
import java.util.Date;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Composes MIME messages with a plain-text part and an HTML part. */
@Component
class MailComposer {

    // Excludes only what could end the address in a mail header or an SMTP command.
    private static final Pattern ADDRESS =
            Pattern.compile("[^\\s\\p{Cc}<>()\\[\\],;:\\\\\"@]+@[^\\s\\p{Cc}<>()\\[\\],;:\\\\\"@]+");

    private final MailTemplates templates;
    private final InternetAddress from;
    private final Clock clock;

    MailComposer(MailTemplates templates, MailProperties properties, MailProperties.Smtp smtp, Clock clock) {
        this.templates = templates;
        this.from = parse(properties.from(smtp));
        this.clock = clock;
    }

    private static InternetAddress parse(String from) {
        try {
            InternetAddress address = new InternetAddress(from);
            address.validate();
            address.setPersonal(address.getPersonal(), "UTF-8");
            return address;
        } catch (AddressException | UnsupportedEncodingException e) {
            throw new StartupRefusedException(
                    "USERS_MAIL_FROM is not an e-mail address: " + from + ".",
                    "Write it like accounts@example.com or Example <accounts@example.com>.");
        }
    }

    /** @throws AddressException if the recipient is not a usable address */
    MimeMessage compose(Mail mail, MimeMessage message) throws MessagingException {
        Content content = templates.render(mail);
        message.setFrom(from);
        message.setRecipient(RecipientType.TO, recipient(mail));
        message.setSubject(content.subject(), "UTF-8");
        message.setSentDate(Date.from(clock.instant()));
        message.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834: prevents out-of-office replies
        MimeBodyPart text = new MimeBodyPart();
        text.setText(content.text(), "UTF-8");
        MimeBodyPart html = new MimeBodyPart();
        html.setText(content.html(), "UTF-8", "html");
        message.setContent(new MimeMultipart("alternative", text, html));
        return message;
    }

    private static InternetAddress recipient(Mail mail) throws AddressException {
        if (!ADDRESS.matcher(mail.recipient()).matches()) {
            throw new AddressException("Not an address");
        }
        InternetAddress recipient = new InternetAddress();
        recipient.setAddress(mail.recipient());
        return recipient;
    }
}
