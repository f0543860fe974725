package dev.usersapi.mail;

import java.util.HashMap;
import java.util.Map;

/** What of a mail may stand in a log. */
final class Mask {

    private Mask() {}

    /** {@code j***@example.com}; other text only as an ellipsis. */
    static String email(String email) {
        int at = email.lastIndexOf('@');
        return at < 1 ? "…" : email.charAt(0) + "***" + email.substring(at);
    }

    /** The mail without its secrets, with e-mail addresses masked. */
    static Mail of(Mail mail) {
        Map<String, String> values = new HashMap<>(mail.values());
        values.replaceAll((name, value) -> name.equals("token") ? "…" : value.contains("@") ? email(value) : value);
        return new Mail(mail.template(), email(mail.recipient()), values);
    }
}
