package dev.usersapi.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of {@code If-Match} or {@code If-None-Match}.
 *
 * @param any whether the value is {@code *}, which matches every representation
 * @param listed the tags as they were sent, weak ones with {@code W/}
 */
record EntityTags(boolean any, List<String> listed) {

    // empty elements are ignored (RFC 9110 section 5.6.1.2); a tag may contain commas
    private static final Pattern ELEMENT =
            Pattern.compile("\\G[ \\t]*+((?:W/)?\"[\\x21\\x23-\\x7E\\x80-\\xFF]*+\")?+[ \\t]*+(,|\\z)");

    /** Parses the lines of the header field. Empty if they do not follow RFC 9110 section 13.1. */
    static Optional<EntityTags> parse(List<String> lines) {
        String field = String.join(",", lines);
        if (field.strip().equals("*")) {
            return Optional.of(new EntityTags(true, List.of()));
        }
        List<String> listed = new ArrayList<>();
        Matcher element = ELEMENT.matcher(field);
        while (element.find()) {
            if (element.group(1) != null) {
                listed.add(element.group(1));
            }
            if (element.group(2).isEmpty()) {
                return Optional.of(new EntityTags(false, listed));
            }
        }
        return Optional.empty();
    }

    boolean matchesVersion(EntityTag current) {
        return any || listed.stream().anyMatch(current::hasSameVersion);
    }

    boolean matchesRepresentation(EntityTag current) {
        return any || listed.stream().anyMatch(current::hasSameRepresentation);
    }
}
