package dev.usersapi.mail;

import java.util.Map;

/**
 * A mail to be written from a template.
 *
 * @param template name of the template, such as {@code password-changed}
 * @param recipient an e-mail address
 * @param values what the template's placeholders stand for
 */
public record Mail(String template, String recipient, Map<String, String> values) {}
