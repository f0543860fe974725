package dev.usersapi.mail;

import jakarta.mail.internet.AddressException;
import java.util.Objects;
import java.util.stream.Stream;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.jspecify.annotations.Nullable;
import org.springframework.mail.MailSendException;

/** A mail was not taken. */
final class UndeliveredException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Mail mail;

    UndeliveredException(Mail mail, Exception cause) {
        super(cause);
        this.mail = mail;
    }

    Mail mail() {
        return mail;
    }

    /** Whether the server refuses this mail for good: what it says of the sender or the log-in is not about the mail. */
    boolean isRefusal() {
        return causes(this)
                .anyMatch(cause -> cause instanceof AddressException
                        || (cause instanceof SMTPAddressFailedException address && address.getReturnCode() >= 500)
                        || (cause instanceof SMTPSendFailedException send
                                && send.getReturnCode() >= 500
                                && !send.getCommand().startsWith("MAIL")));
    }

    /** What went wrong, in one line without the recipient. */
    String reason() {
        Throwable root = causes(this).reduce(this, (outer, cause) -> cause);
        return (root.getClass().getSimpleName() + ": " + root.getMessage())
                .replaceAll("\\s+", " ")
                .replace(mail.recipient(), Mask.email(mail.recipient()));
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, UndeliveredException::cause);
    }

    private static @Nullable Throwable cause(Throwable failure) {
        return failure instanceof MailSendException send && send.getMessageExceptions().length > 0
                ? send.getMessageExceptions()[0]
                : failure.getCause();
    }
}
