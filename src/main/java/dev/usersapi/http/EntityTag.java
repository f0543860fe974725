package dev.usersapi.http;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The strong entity tag of a representation (RFC 9110 section 8.8.3), such as {@code "v7.1687357815"}. Whatever the
 * representation shows is in it, so that no 304 hides anything: the version, and behind the dot what changes without
 * one.
 *
 * @param version moves with each change that a request makes; written without a sign, because it continues below zero
 *     after the largest integer
 * @param rest digits that stand for what else is shown; empty for nothing
 */
public record EntityTag(int version, String rest) {

    /** Also as proxies change it when they compress: nginx to {@code W/"v7"}, Apache and Caddy to {@code "v7-gzip"}. */
    private static final Pattern OURS =
            Pattern.compile("(?:W/)?\"v(\\d+)(?:\\.(\\d+))?(?:--?(?:gzip|deflate|br|zstd))?\"");

    /** As {@code ETag} has it. */
    @Override
    public String toString() {
        return "\"v" + Integer.toUnsignedString(version) + (rest.isEmpty() ? "" : "." + rest) + '"';
    }

    /** For those who may not know the rest: good for {@code If-Match}, and not the tag of what others read. */
    public EntityTag ofVersion() {
        return new EntityTag(version, "");
    }

    /** Whether a change of what that tag names overwrites no other change. */
    boolean isOfSameVersion(String tag) {
        Matcher ours = OURS.matcher(tag);
        return ours.matches() && ours.group(1).equals(Integer.toUnsignedString(version));
    }

    /** Whether that tag names a representation that shows the same. */
    boolean isOfSameRepresentation(String tag) {
        Matcher ours = OURS.matcher(tag);
        return isOfSameVersion(tag)
                && ours.matches()
                && Objects.requireNonNullElse(ours.group(2), "").equals(rest);
    }
}
