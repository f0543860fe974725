package dev.usersapi.binding;

import java.text.Normalizer;
import org.jspecify.annotations.Nullable;

/** The form in which text that people type is kept and compared. */
public final class TextNormalizer {

    private static final int MAX_COMPOSED = 1000;

    private TextNormalizer() {}

    /** Without white space at the ends, no-break spaces and their like included. */
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

    /** An e-mail address, trimmed and with its domain in ASCII. What has no such form stays as it is, to be refused. */
    public static @Nullable String normalizeEmail(@Nullable String text) {
        return toAsciiDomain(trim(text));
    }

    /** With what follows the last {@code @} as a domain in ASCII, where it is one in Unicode. */
    public static @Nullable String toAsciiDomain(@Nullable String text) {
        int domain = text == null ? 0 : text.lastIndexOf('@') + 1;
        return text == null || domain == 0
                ? text
                : UnicodeDomain.toAscii(text.substring(domain))
                        .map(ascii -> text.substring(0, domain) + ascii)
                        .orElse(text);
    }

    /** Trimmed and in normalisation form C. */
    public static @Nullable String trimAndCompose(@Nullable String text) {
        return compose(trim(text));
    }

    /**
     * In Unicode normalisation form C. A text beyond {@value #MAX_COMPOSED} UTF-16 units stays as it is: normalising
     * takes time that grows with the square of the length, and no field has room for it anyway.
     */
    public static @Nullable String compose(@Nullable String text) {
        return text == null || text.length() > MAX_COMPOSED ? text : Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\uFEFF';
    }
}
