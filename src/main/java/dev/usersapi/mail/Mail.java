package dev.usersapi.mail;

import java.util.Map;

/**
 * A mail that is rendered from a template.
 *
 * @param template name of the template, such as {@code password-changed}
 * @param recipient e-mail address
 * @param values values of the template's variables; {@code email} and {@code app_url} need no value here
 */
public record Mail(String template, String recipient, Map<String, String> values) {

    public Mail {
        values = Map.copyOf(values);
    }

    /** Safe to log: leaves out the values, which may be secret, and masks the recipient. */
    @Override
    public String toString() {
        return template + " to " + EmailMask.mask(recipient);
    }
}
