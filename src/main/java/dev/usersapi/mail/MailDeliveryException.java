package dev.usersapi.mail;

import jakarta.mail.internet.AddressException;
import java.util.Objects;
import java.util.stream.Stream;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.jspecify.annotations.Nullable;
import org.springframework.mail.MailSendException;

/** A mail could not be delivered. */
final class MailDeliveryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Mail mail;

    MailDeliveryException(Mail mail, Exception cause) {
        super(cause);
        this.mail = mail;
    }

    Mail mail() {
        return mail;
    }

    /**
     * Whether the server refused the mail permanently. A refusal of the sender or of the login does not count, because
     * the operator can correct the settings.
     */
    boolean isPermanentRefusal() {
        return causes(this)
                .anyMatch(cause -> cause instanceof AddressException
                        || (cause instanceof SMTPAddressFailedException address && address.getReturnCode() >= 500)
                        || (cause instanceof SMTPSendFailedException send
                                && send.getReturnCode() >= 500
                                && !send.getCommand().startsWith("MAIL")));
    }

    /** The root cause in one line, with the recipient masked. */
    String reason() {
        Throwable root = causes(this).reduce(this, (outer, cause) -> cause);
        return (root.getClass().getSimpleName() + ": " + root.getMessage())
                .replaceAll("\\s+", " ")
                .replace(mail.recipient(), EmailMask.mask(mail.recipient()));
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, MailDeliveryException::cause);
    }

    private static @Nullable Throwable cause(Throwable failure) {
        return failure instanceof MailSendException send && send.getMessageExceptions().length > 0
                ? send.getMessageExceptions()[0]
                : failure.getCause();
    }
}
