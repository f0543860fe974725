package dev.usersapi.account;

import dev.usersapi.mail.Mail;
import dev.usersapi.mail.MailWriter;
import dev.usersapi.user.UserService;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Looks for the account of a forgotten password where the caller cannot measure it. The mail is that of the link, queued
 * here in its own right, so that trying again to deliver it makes no other link.
 */
@Component
class ForgottenPasswordMail implements MailWriter {

    static final String KIND = "password-forgot";

    private final UserService users;
    private final LinkService links;

    ForgottenPasswordMail(UserService users, LinkService links) {
        this.users = users;
        this.links = links;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Optional<Mail> write(String email) {
        users.findByEmail(email).ifPresent(user -> links.sendUnlessRecent(user.id(), LinkKind.PASSWORD_RESET));
        return Optional.empty();
    }
}
