package dev.usersapi.account;

import dev.usersapi.mail.Mail;
import dev.usersapi.mail.MailWriter;
import dev.usersapi.user.CredentialService;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Looks for the account of a forgotten password where the caller cannot measure it. The mail is that of the link, queued
 * here in its own right, so that trying again to deliver it makes no other link.
 */
@Component
class ForgottenPasswordMail implements MailWriter {

    static final String KIND = "password-forgot";

    private final CredentialService credentials;
    private final LinkService links;

    ForgottenPasswordMail(CredentialService credentials, LinkService links) {
        this.credentials = credentials;
        this.links = links;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Optional<Mail> write(String email) {
        credentials.findByEmail(email).ifPresent(user -> links.sendAnother(user.id(), LinkKind.PASSWORD_RESET));
        return Optional.empty();
    }
}
