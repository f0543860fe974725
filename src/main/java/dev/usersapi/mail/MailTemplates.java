package dev.usersapi.mail;

import dev.usersapi.error.StartupRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import org.springframework.web.util.HtmlUtils;

/**
 * The texts of all mails: for each a file {@code .txt}, which begins with the subject, and a file {@code .html}. A file
 * of the same name in the operator's directory takes the place of a built-in one, and may speak of the same values.
 */
@Component
class MailTemplates {

    private static final List<String> NAMES = List.of(
            "invitation",
            "password-reset",
            "password-changed",
            "email-confirmation",
            "email-changed",
            "totp-enabled",
            "totp-removed",
            "api-key-created",
            "session-ended");
    private static final Set<String> ALWAYS_KNOWN = Set.of("email", "app_url");
    private static final String SUBJECT = "Subject: ";

    /** What a mail says. */
    record Content(String subject, String text, String html) {}

    private record Parts(Template subject, Template text, Template html, Set<String> values) {}

    private final Map<String, Parts> templates = new HashMap<>();
    private final String appUrl;

    MailTemplates(MailProperties properties) {
        appUrl = properties.appUrl();
        Path own = properties.templates().isBlank() ? null : Path.of(properties.templates());
        if (own != null) {
            requireKnownFiles(own);
        }
        for (String name : NAMES) {
            String text = builtIn(name + ".txt");
            String html = builtIn(name + ".html");
            Set<String> values = new TreeSet<>(ALWAYS_KNOWN);
            values.addAll(new Template(text).names());
            values.addAll(new Template(html).names());
            if (own != null) {
                text = override(own.resolve(name + ".txt"), text, values);
                html = override(own.resolve(name + ".html"), html, values);
            }
            String[] subjectAndText = text.split("\\R", 2);
            templates.put(
                    name,
                    new Parts(
                            new Template(subjectAndText[0].substring(SUBJECT.length())),
                            new Template(subjectAndText[1].stripLeading()),
                            new Template(html),
                            values));
        }
    }

    /** Throws where the mail has no template or lacks a value that its template may speak of. */
    void requireComplete(Mail mail) {
        Parts parts = templates.get(mail.template());
        if (parts == null) {
            throw new IllegalArgumentException("No template " + mail.template());
        }
        Set<String> missing = new HashSet<>(parts.values());
        missing.removeAll(ALWAYS_KNOWN);
        missing.removeAll(mail.values().keySet());
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("Mail " + mail.template() + " lacks " + missing);
        }
    }

    Content render(Mail mail) {
        requireComplete(mail);
        Map<String, String> values = new HashMap<>(mail.values());
        values.put("email", mail.recipient());
        values.put("app_url", appUrl);
        // no value breaks a line: not in the subject, which is a header, and not in the text, where it could pose as
        // ours
        values.replaceAll((name, value) -> value.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]+", " "));
        Parts parts = Objects.requireNonNull(templates.get(mail.template()));
        return new Content(
                parts.subject().render(values, UnaryOperator.identity()),
                parts.text().render(values, UnaryOperator.identity()),
                parts.html().render(values, value -> HtmlUtils.htmlEscape(value, "UTF-8")));
    }

    private static String builtIn(String file) {
        try (InputStream stream = MailTemplates.class.getResourceAsStream("/mail/" + file)) {
            return new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of a misspelt name would be no mail's. */
    private static void requireKnownFiles(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".txt") || name.endsWith(".html"))
                    .filter(name -> !NAMES.contains(name.substring(0, name.lastIndexOf('.'))))
                    .findFirst()
                    .ifPresent(name -> {
                        throw refusal(directory.resolve(name), "is no mail's; there are " + String.join(", ", NAMES));
                    });
        } catch (IOException e) {
            throw refusal(directory, "cannot be listed");
        }
    }

    private static String override(Path file, String builtIn, Set<String> allowed) {
        if (!Files.exists(file)) {
            return builtIn;
        }
        String text = read(file);
        Template template = new Template(text);
        if (!template.isWellFormed()) {
            throw refusal(file, "has a {{ that is no {{name}}, or a section that does not end");
        }
        Set<String> unknown = template.names();
        unknown.removeAll(allowed);
        if (!unknown.isEmpty()) {
            throw refusal(file, "asks for " + unknown + ", which is not among " + allowed);
        }
        if (file.toString().endsWith(".txt") && !text.matches("(?s)" + SUBJECT + "\\S[^\\r\\n]*\\R\\s*\\S.*")) {
            throw refusal(file, "does not begin with a line \"" + SUBJECT + "…\" and go on with a text");
        }
        return text;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw refusal(file, "is not written in UTF-8");
        } catch (IOException e) {
            throw refusal(file, "cannot be read");
        }
    }

    private static StartupRefusedException refusal(Path file, String fault) {
        return new StartupRefusedException(
                "The mail template " + file + " " + fault + ".",
                "Correct it, or name another directory with USERS_MAIL_TEMPLATES.");
    }
}
