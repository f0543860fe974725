package dev.usersapi.mail;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with {@code {{name}}} for a value, {@code {{#name}}…{{/name}}} for what is only there with the value, and
 * {@code {{^name}}…{{/name}}} for what is only there without: the part of Mustache's language that mail needs.
 */
final class Template {

    private static final Pattern TAG = Pattern.compile("\\{\\{[#^/]?(\\w+)}}");
    private static final Pattern TAG_ON_ITS_LINE = Pattern.compile("(?m)^\\h*(\\{\\{[#^/]\\w+}})\\h*\\R");
    private static final Pattern SECTION = Pattern.compile("(?s)\\{\\{([#^])(\\w+)}}(.*?)\\{\\{/\\2}}");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");

    private final String text;

    Template(String text) {
        this.text = TAG_ON_ITS_LINE.matcher(text).replaceAll("$1");
    }

    /** The names of all values that it speaks of. */
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        TAG.matcher(text).results().forEach(tag -> names.add(tag.group(1)));
        return names;
    }

    /** Whether nothing would be left of the braces. */
    boolean isWellFormed() {
        String flat = SECTION.matcher(text).replaceAll("$3");
        return !PLACEHOLDER.matcher(flat).replaceAll("").contains("{{");
    }

    /** Values are not read as templates themselves; an empty one counts as not there. */
    String render(Map<String, String> values, UnaryOperator<String> escape) {
        String chosen = SECTION.matcher(text).replaceAll(section -> {
            boolean there = !values.getOrDefault(section.group(2), "").isEmpty();
            return there == section.group(1).equals("#") ? Matcher.quoteReplacement(section.group(3)) : "";
        });
        return PLACEHOLDER
                .matcher(chosen)
                .replaceAll(placeholder ->
                        Matcher.quoteReplacement(escape.apply(values.getOrDefault(placeholder.group(1), ""))));
    }
}
