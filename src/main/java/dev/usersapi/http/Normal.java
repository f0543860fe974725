package dev.usersapi.http;

import java.text.Normalizer;
import org.jspecify.annotations.Nullable;

/** The form in which text that people type is kept and compared. */
public final class Normal {

    private Normal() {}

    /** Without white space at the ends, no-break spaces and their like included. */
    public static @Nullable String trimmed(@Nullable String text) {
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

    /** Trimmed and in Unicode normalisation form C. */
    public static @Nullable String composed(@Nullable String text) {
        return text == null ? null : Normalizer.normalize(trimmed(text), Normalizer.Form.NFC);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\uFEFF';
    }
}
