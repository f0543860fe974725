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

/** Writes the mail with a one-time token. Each attempt to deliver the mail gets a new token. */
@Component
class OneTimeTokenMail implements MailWriter {

    static final String KIND = "one-time-token";
    private static final String TOKEN_PREFIX = "lt_"; // for "link token"

    private final OneTimeTokenRepository tokens;
    private final RandomGenerator random;

    OneTimeTokenMail(OneTimeTokenRepository tokens, RandomGenerator random) {
        this.tokens = tokens;
        this.random = random;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Optional<Mail> write(String reference) {
        String token = OpaqueToken.next(TOKEN_PREFIX, random);
        return tokens.addToken(UUID.fromString(reference), OpaqueToken.hash(token))
                .map(delivery ->
                        new Mail(delivery.action().mailTemplate(), delivery.recipient(), values(delivery, token)));
    }

    /** A mail to a new e-mail does not contain the name: a user could choose both to send a text to a stranger. */
    private static Map<String, String> values(OneTimeTokenRepository.Delivery delivery, String token) {
        String validFor = describe(delivery.validFor());
        return delivery.action() == AccountAction.EMAIL_CHANGE
                ? Map.of("token", token, "valid_for", validFor)
                : Map.of("token", token, "valid_for", validFor, "name", delivery.name());
    }

    /** In minutes, or in whole hours from two hours on. A minute is added for the time that the mail has waited. */
    static String describe(Duration validFor) {
        long minutes = validFor.toMinutes() + 1;
        boolean hours = minutes == 60 || minutes >= 120;
        long amount = hours ? minutes / 60 : minutes;
        return amount + (hours ? " hour" : " minute") + (amount == 1 ? "" : "s");
    }
}
