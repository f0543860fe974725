package dev.usersapi.account;

import dev.usersapi.http.OpaqueToken;
import dev.usersapi.mail.Mail;
import dev.usersapi.mail.MailWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.springframework.stereotype.Component;

/** Puts a token into the mail of a link, a new one for each attempt to deliver it. */
@Component
class LinkMail implements MailWriter {

    static final String KIND = "link";

    private final Links links;
    private final RandomGenerator random;

    LinkMail(Links links, RandomGenerator random) {
        this.links = links;
        this.random = random;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Optional<Mail> write(String reference) {
        String token = OpaqueToken.next("lt_", random);
        return links.addToken(UUID.fromString(reference), OpaqueToken.hash(token))
                .map(delivery -> new Mail(delivery.kind().template(), delivery.recipient(), values(delivery, token)));
    }

    /** The name, which users choose themselves, is nothing for a mailbox that is perhaps a stranger's. */
    private static Map<String, String> values(Links.Delivery delivery, String token) {
        String validFor = inWords(delivery.validFor());
        return delivery.kind() == LinkKind.EMAIL_CHANGE
                ? Map.of("token", token, "valid_for", validFor)
                : Map.of("token", token, "valid_for", validFor, "name", delivery.name());
    }

    /** In whole hours from two on; the minute that the mail took is given. */
    static String inWords(Duration validFor) {
        long minutes = validFor.toMinutes() + 1;
        boolean hours = minutes == 60 || minutes >= 120;
        long amount = hours ? minutes / 60 : minutes;
        return amount + (hours ? " hour" : " minute") + (amount == 1 ? "" : "s");
    }
}
