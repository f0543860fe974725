package dev.usersapi.mail;

import java.util.Map;

/**
 * A mail to be written from a template.
 *
 * @param template name of the template, such as {@code password-changed}
 * @param recipient an e-mail address
 * @param values what the template's placeholders stand for; {@code email} and {@code app_url} are known without
 */
public record Mail(String template, String recipient, Map<String, String> values) {

    public Mail {
        values = Map.copyOf(values);
    }

    /** Without the values, which may be secret, and with the recipient masked: fit for a log. */
    @Override
    public String toString() {
        return template + " to " + Mask.email(recipient);
    }
}
