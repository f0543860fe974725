package dev.usersapi.mail;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import dev.usersapi.error.StartupRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import org.springframework.util.Assert;
import org.springframework.web.util.HtmlUtils;

/**
 * The Mustache templates of all mails. Each mail has a file {@code .txt}, which begins with the subject, and a file
 * {@code .html}. A file of the same name in the operator's directory replaces the built-in file and can use the same
 * variables.
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
    private static final Set<String> COMMON_VARIABLES = Set.of("email", "app_url");
    private static final Pattern TEXT_FILE = Pattern.compile("(?s)Subject: (\\S[^\\r\\n]*)\\R\\s*(\\S.*)");
    private static final Pattern EMPTY_TAG = Pattern.compile("\\{\\{[{&#^/]?[\\x00- ]*}}");
    private static final Mustache.Compiler MUSTACHE =
            Mustache.compiler().escapeHTML(false).emptyStringIsFalse(true);

    record Content(String subject, String text, String html) {}

    private record MailTemplate(Template subject, Template text, Template html, Set<String> variables) {}

    private final Map<String, MailTemplate> templates = new HashMap<>();
    private final String appUrl;

    MailTemplates(MailProperties properties) {
        appUrl = properties.appUrl();
        Path directory = properties.templates().isBlank() ? null : Path.of(properties.templates());
        if (directory != null) {
            requireKnownFiles(directory);
        }
        for (String name : NAMES) {
            String text = builtIn(name + ".txt");
            String html = builtIn(name + ".html");
            Set<String> variables = new TreeSet<>(COMMON_VARIABLES);
            variables.addAll(TemplateVariables.of(MUSTACHE.compile(text)));
            variables.addAll(TemplateVariables.of(MUSTACHE.compile(html)));
            if (directory != null) {
                text = replacement(directory.resolve(name + ".txt"), variables).orElse(text);
                html = replacement(directory.resolve(name + ".html"), variables).orElse(html);
            }
            Matcher parts = TEXT_FILE.matcher(text);
            Assert.state(parts.matches(), "a built-in template has a subject and a text");
            templates.put(
                    name,
                    new MailTemplate(
                            MUSTACHE.compile(parts.group(1)),
                            MUSTACHE.compile(parts.group(2)),
                            MUSTACHE.compile(html),
                            variables));
        }
    }

    /** @throws IllegalArgumentException if the mail has no template, or no value for a variable of its template */
    void requireComplete(Mail mail) {
        MailTemplate template = templates.get(mail.template());
        if (template == null) {
            throw new IllegalArgumentException("There is no mail template " + mail.template());
        }
        Set<String> missing = new TreeSet<>(template.variables());
        missing.removeAll(COMMON_VARIABLES);
        missing.removeAll(mail.values().keySet());
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("The mail " + mail.template() + " has no value for " + missing);
        }
    }

    Content render(Mail mail) {
        requireComplete(mail);
        Map<String, String> values = new HashMap<>(mail.values());
        values.put("email", mail.recipient());
        values.put("app_url", appUrl);
        // Without line breaks, so that a value can add neither a header to the message nor a paragraph to the text.
        values.replaceAll((name, value) -> value.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]+", " "));
        // The values are escaped before rendering, so that {{{name}}} in an operator's template is escaped too.
        Map<String, String> htmlValues = new HashMap<>(values);
        htmlValues.replaceAll((name, value) -> HtmlUtils.htmlEscape(value, "UTF-8"));
        MailTemplate template = Objects.requireNonNull(templates.get(mail.template()));
        return new Content(
                template.subject().execute(values),
                template.text().execute(values),
                template.html().execute(htmlValues));
    }

    private static String builtIn(String file) {
        try (InputStream stream = MailTemplates.class.getResourceAsStream("/mail/" + file)) {
            return new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses a template with a misspelt name, which would have no effect. */
    private static void requireKnownFiles(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".txt") || name.endsWith(".html"))
                    .filter(name -> !NAMES.contains(name.substring(0, name.lastIndexOf('.'))))
                    .findFirst()
                    .ifPresent(name -> {
                        throw refusal(
                                directory.resolve(name),
                                "has an unknown name; the names are " + String.join(", ", NAMES));
                    });
        } catch (IOException e) {
            throw refusal(directory, "cannot be listed");
        }
    }

    /** Empty if the operator has no such file. */
    private static Optional<String> replacement(Path file, Set<String> variables) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String source = read(file);
        if (file.toString().endsWith(".txt")) {
            Matcher parts = TEXT_FILE.matcher(source);
            if (!parts.matches()) {
                throw refusal(file, "does not consist of a line \"Subject: …\" and a text");
            }
            requireValid(file, parts.group(1), variables);
            requireValid(file, parts.group(2), variables);
        } else {
            requireValid(file, source, variables);
        }
        return Optional.of(source);
    }

    private static void requireValid(Path file, String source, Set<String> variables) {
        if (source.contains("{{=")) {
            throw refusal(file, "is not valid: The delimiters {{ and }} cannot be changed");
        }
        if (EMPTY_TAG.matcher(source).find()) {
            throw refusal(file, "is not valid: A tag is empty");
        }
        try {
            Set<String> unknown = TemplateVariables.of(MUSTACHE.compile(source));
            unknown.removeAll(variables);
            if (!unknown.isEmpty()) {
                throw refusal(file, "uses " + unknown + "; the variables of this mail are " + variables);
            }
        } catch (MustacheException e) {
            throw refusal(file, "is not valid: " + e.getMessage());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw refusal(file, "is not encoded in UTF-8");
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
