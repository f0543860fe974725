package dev.usersapi.binding;

import java.text.Normalizer;
import org.jspecify.annotations.Nullable;

/** Brings text that people type into the form in which it is stored and compared. */
public final class TextNormalizer {

    private static final int MAX_LENGTH = 1000;

    private TextNormalizer() {}

    /** Removes white space at both ends, no-break spaces and byte order marks included. */
    public static @Nullable String trim(@Nullable String text) {
        if (text == null) {
            return null;
        }
        int start = 0;
        int end = text.length();
        while (start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (end > start && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    /** Trims an e-mail address and converts its domain to ASCII. A domain without ASCII form stays; validation refuses it. */
    public static @Nullable String normalizeEmail(@Nullable String text) {
        return toAsciiDomain(trim(text));
    }

    /** Converts the part after the last {@code @} to ASCII if it is a domain name in Unicode. */
    public static @Nullable String toAsciiDomain(@Nullable String text) {
        int start = text == null ? 0 : text.lastIndexOf('@') + 1;
        return text == null || start == 0
                ? text
                : UnicodeDomain.toAscii(text.substring(start))
                        .map(ascii -> text.substring(0, start) + ascii)
                        .orElse(text);
    }

    /** Trims a text and converts it to Unicode normalisation form C. */
    public static @Nullable String trimAndCompose(@Nullable String text) {
        return compose(trim(text));
    }

    /**
     * Converts a text to Unicode normalisation form C. A text of more than {@value #MAX_LENGTH} UTF-16 units stays as it is:
     * the time grows with the square of the length, and no field accepts such a text.
     */
    public static @Nullable String compose(@Nullable String text) {
        return text == null || text.length() > MAX_LENGTH ? text : Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\uFEFF';
    }
}
