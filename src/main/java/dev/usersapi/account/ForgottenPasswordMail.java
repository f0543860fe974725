package dev.usersapi.account;

import dev.usersapi.mail.Mail;
import dev.usersapi.mail.MailWriter;
import dev.usersapi.user.CredentialService;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Looks for the account of a forgotten password when the mail is due, not during the request: the duration of the request
 * must not tell whether the account exists. If it does, this queues another mail, the one with the token, so that a
 * retry of its delivery does not request the action again.
 */
@Component
class ForgottenPasswordMail implements MailWriter {

    static final String KIND = "password-forgot";

    private final CredentialService credentials;
    private final OneTimeTokenSender sender;

    ForgottenPasswordMail(CredentialService credentials, OneTimeTokenSender sender) {
        this.credentials = credentials;
        this.sender = sender;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Optional<Mail> write(String email) {
        credentials
                .findByEmail(email)
                .ifPresent(user -> sender.sendUnlessSentRecently(user.id(), AccountAction.PASSWORD_RESET));
        return Optional.empty();
    }
}
