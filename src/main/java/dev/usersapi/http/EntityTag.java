package dev.usersapi.http;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The strong entity tag of a representation (RFC 9110 section 8.8.3), such as {@code "v7.1687357815"}. It changes whenever
 * the representation does, because it consists of the version and of everything that changes without a new version.
 *
 * @param version incremented by each change that a request makes; written as an unsigned integer, because it continues
 *     below zero after the largest integer
 * @param unversioned digits that stand for the members that change without a new version; empty if there are none
 */
public record EntityTag(int version, String unversioned) {

    /** Accepts the changes of compressing proxies, too: {@code W/"v7"} by nginx, {@code "v7-gzip"} by Apache and Caddy. */
    private static final Pattern SYNTAX =
            Pattern.compile("(?:W/)?\"v(\\d+)(?:\\.(\\d+))?(?:--?(?:gzip|deflate|br|zstd))?\"");

    /** The value of {@code ETag}. */
    @Override
    public String toString() {
        return "\"v" + Integer.toUnsignedString(version) + (unversioned.isEmpty() ? "" : "." + unversioned) + '"';
    }

    /**
     * The tag without its unversioned part, for callers who may not read the representation. It is valid in
     * {@code If-Match}.
     */
    public EntityTag versionOnly() {
        return new EntityTag(version, "");
    }

    /** Whether the tag names the same version, so that a change based on it does not overwrite another change. */
    boolean hasSameVersion(String tag) {
        Matcher parsed = SYNTAX.matcher(tag);
        return parsed.matches() && parsed.group(1).equals(Integer.toUnsignedString(version));
    }

    /** Whether the tag names the same representation, ignoring the changes of proxies. */
    boolean hasSameRepresentation(String tag) {
        Matcher parsed = SYNTAX.matcher(tag);
        return hasSameVersion(tag)
                && parsed.matches()
                && Objects.requireNonNullElse(parsed.group(2), "").equals(unversioned);
    }
}
