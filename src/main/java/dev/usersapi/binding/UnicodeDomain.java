package dev.usersapi.binding;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Converts a domain name in Unicode to its ASCII form (A-labels) by the non-transitional processing of UTS 46:
 * {@code straße.de} becomes {@code xn--strae-oqa.de}, not {@code strasse.de}.
 *
 * <p>{@link java.net.IDN} implements IDNA2003, which maps {@code ß} to {@code ss} and knows only Unicode 3.2. ICU4J
 * implements everything, but takes 14 MB. This class refuses characters other than letters, marks and digits, as IDNA2008
 * does (no emoji). It also refuses the joiners U+200C and U+200D, whose rules need data that the JDK does not have.
 */
final class UnicodeDomain {

    private static final String DOTS = "[.\u3002\uFF0E\uFF61]"; // UTS 46 section 4, step 3
    private static final String PREFIX = "xn--";
    private static final String FINAL_SIGMA = "\u03C2";
    private static final int MAX_LENGTH = 254;

    // UTS 46 keeps these characters; a change to upper and then to lower case would replace them
    private static final String NOT_FOLDED = "\u00DF\u03C2\u0131"; // ß ς ı

    private UnicodeDomain() {}

    /** Empty when the domain has a label that has no ASCII form. A domain in ASCII stays as it is. */
    static Optional<String> toAscii(String domain) {
        if (isAscii(domain)) {
            return Optional.of(domain);
        }
        if (domain.length() > MAX_LENGTH) { // it would be no shorter in ASCII, and normalising takes time
            return Optional.empty();
        }
        List<String> labels = new ArrayList<>();
        for (String label : domain.split(DOTS, -1)) {
            Optional<String> ascii = labelToAscii(label);
            if (ascii.isEmpty()) {
                return Optional.empty();
            }
            labels.add(ascii.get());
        }
        return Optional.of(String.join(".", labels));
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static Optional<String> labelToAscii(String label) {
        String mapped = map(label);
        if (isAscii(mapped)) {
            return Optional.of(mapped); // the check of the whole address also checks this label
        }
        boolean valid = mapped.codePoints().allMatch(UnicodeDomain::isValid)
                && !isMark(mapped.codePointAt(0))
                && !mapped.startsWith("-")
                && !mapped.endsWith("-")
                && !mapped.startsWith("--", 2)
                && obeysBidiRule(mapped);
        return valid ? Optional.of(PREFIX + punycode(mapped)) : Optional.empty();
    }

    /** The mapping of UTS 46: case folding and normalisation form KC, without the characters that UTS 46 ignores. */
    private static String map(String label) {
        StringBuilder folded = new StringBuilder();
        StringBuilder compatible = new StringBuilder();
        // only the final sigma itself is kept: its compatibility characters, such as U+03F2, become the other sigma
        label.codePoints()
                .mapToObj(c -> c == 0x03C2
                        ? FINAL_SIGMA
                        : normalize(Character.toString(c)).replace(FINAL_SIGMA, "\u03C3"))
                .forEach(compatible::append);
        normalize(compatible).codePoints().filter(c -> !isIgnored(c)).forEach(c -> folded.append(fold(c)));
        return normalize(folded);
    }

    private static String normalize(CharSequence text) {
        return Normalizer.normalize(text, Normalizer.Form.NFKC);
    }

    private static String fold(int c) {
        String character = Character.toString(c);
        if (NOT_FOLDED.indexOf(c) >= 0) {
            return character;
        }
        String upper = character.toUpperCase(Locale.ROOT);
        return isCherokeeUpperCase(upper.codePointAt(0))
                ? upper
                : upper.toLowerCase(Locale.ROOT).replace('\u03C2', '\u03C3');
    }

    /** The case that Unicode folds Cherokee to, because its lower case was added much later. */
    private static boolean isCherokeeUpperCase(int c) {
        return c >= 0x13A0 && c <= 0x13F5;
    }

    private static boolean isIgnored(int c) {
        return c == 0x00AD // soft hyphen
                || c == 0x034F
                || c == 0x200B
                || c == 0x2060
                || c == 0x2064
                || c == 0xFEFF
                || (c >= 0x180B && c <= 0x180F)
                || (c >= 0xFE00 && c <= 0xFE0F) // variation selectors
                || (c >= 0xE0100 && c <= 0xE01EF);
    }

    private static boolean isValid(int c) {
        return c < 0x80
                ? c == '-' || Character.isLetterOrDigit(c)
                : (isLetterOrNumber(c) || isMark(c) || isCherokeeUpperCase(c)) && !isJamo(c) && !isInvisible(c);
    }

    /** Conjoining Jamo, which are left where they make no Hangul syllable, and the two fillers among them. */
    private static boolean isJamo(int c) {
        return (c >= 0x1100 && c <= 0x11FF) || (c >= 0xA960 && c <= 0xA97F) || (c >= 0xD7B0 && c <= 0xD7FF);
    }

    private static boolean isInvisible(int c) {
        return c == 0x17B4 || c == 0x17B5; // inherent vowels of Khmer
    }

    private static boolean isLetterOrNumber(int c) {
        int type = Character.getType(c);
        return type == Character.LOWERCASE_LETTER
                || type == Character.OTHER_LETTER
                || type == Character.MODIFIER_LETTER
                || type == Character.DECIMAL_DIGIT_NUMBER;
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
    }

    /** The Bidi rule of RFC 5893 section 2, which applies only to labels with characters written from right to left. */
    private static boolean obeysBidiRule(String label) {
        int[] directions = label.codePoints().map(Character::getDirectionality).toArray();
        boolean rightToLeft = false;
        boolean european = false;
        boolean arabic = false;
        for (int direction : directions) {
            rightToLeft |= isRightToLeft(direction) || direction == Character.DIRECTIONALITY_ARABIC_NUMBER;
            european |= direction == Character.DIRECTIONALITY_EUROPEAN_NUMBER;
            arabic |= direction == Character.DIRECTIONALITY_ARABIC_NUMBER;
        }
        if (!rightToLeft) {
            return true;
        }
        int last = directions.length - 1;
        while (last > 0 && directions[last] == Character.DIRECTIONALITY_NONSPACING_MARK) {
            last--;
        }
        boolean noLeftToRight = true;
        for (int direction : directions) {
            noLeftToRight &= direction != Character.DIRECTIONALITY_LEFT_TO_RIGHT;
        }
        return noLeftToRight
                && isRightToLeft(directions[0])
                && (isRightToLeft(directions[last])
                        || directions[last] == Character.DIRECTIONALITY_EUROPEAN_NUMBER
                        || directions[last] == Character.DIRECTIONALITY_ARABIC_NUMBER)
                && !(european && arabic);
    }

    private static boolean isRightToLeft(int direction) {
        return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }

    /** The encoding procedure of RFC 3492 section 6.3, with its names. */
    private static String punycode(String label) {
        int[] input = label.codePoints().toArray();
        StringBuilder output = new StringBuilder();
        for (int c : input) {
            if (c < 0x80) {
                output.append((char) c);
            }
        }
        int basic = output.length();
        int handled = basic;
        if (basic > 0) {
            output.append('-');
        }
        int n = 0x80;
        int delta = 0;
        int bias = 72;
        while (handled < input.length) {
            int next = Integer.MAX_VALUE;
            for (int c : input) {
                if (c >= n && c < next) {
                    next = c;
                }
            }
            delta += (next - n) * (handled + 1); // cannot overflow, because a domain is short
            n = next;
            for (int c : input) {
                if (c < n) {
                    delta++;
                }
                if (c == n) {
                    appendNumber(delta, bias, output);
                    bias = adapt(delta, handled + 1, handled == basic);
                    delta = 0;
                    handled++;
                }
            }
            delta++;
            n++;
        }
        return output.toString();
    }

    private static void appendNumber(int number, int bias, StringBuilder output) {
        int q = number;
        for (int k = 36; ; k += 36) {
            int t = Math.min(26, Math.max(1, k - bias));
            if (q < t) {
                output.append(letterOrDigit(q));
                return;
            }
            output.append(letterOrDigit(t + (q - t) % (36 - t)));
            q = (q - t) / (36 - t);
        }
    }

    private static char letterOrDigit(int digit) {
        return (char) (digit < 26 ? 'a' + digit : '0' + digit - 26);
    }

    private static int adapt(int delta, int points, boolean first) {
        int d = first ? delta / 700 : delta / 2;
        d += d / points;
        int k = 0;
        while (d > 455) {
            d /= 35;
            k += 36;
        }
        return k + 36 * d / (d + 38);
    }
}
