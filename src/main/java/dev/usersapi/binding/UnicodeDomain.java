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
    private static final String SIGMA = "\u03C3";
    private static final int MAX_LENGTH = 254;

    // UTS 46 keeps these characters, but conversion to upper and then to lower case would replace them
    private static final String NOT_FOLDED = "\u00DF\u03C2\u0131"; // ß ς ı

    private UnicodeDomain() {}

    /** Returns the ASCII form, or empty if a label has none. A domain in ASCII stays as it is. */
    static Optional<String> toAscii(String domain) {
        if (isAscii(domain)) {
            return Optional.of(domain);
        }
        if (domain.length() > MAX_LENGTH) { // its ASCII form would be as long, and normalisation takes time
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
            return Optional.of(mapped); // validation of the whole address also checks this label
        }
        boolean valid = mapped.codePoints().allMatch(UnicodeDomain::isValid)
                && !isMark(mapped.codePointAt(0))
                && !mapped.startsWith("-")
                && !mapped.endsWith("-")
                && !mapped.startsWith("--", 2)
                && obeysBidiRule(mapped);
        return valid ? Optional.of(PREFIX + Punycode.encode(mapped)) : Optional.empty();
    }

    /** The mapping of UTS 46: case folding and normalisation form KC, without the characters that UTS 46 ignores. */
    private static String map(String label) {
        StringBuilder folded = new StringBuilder();
        StringBuilder compatible = new StringBuilder();
        // keeps the final sigma, but maps its compatibility characters, such as U+03F2, to the other sigma
        label.codePoints()
                .mapToObj(c -> c == FINAL_SIGMA.charAt(0)
                        ? FINAL_SIGMA
                        : normalize(Character.toString(c)).replace(FINAL_SIGMA, SIGMA))
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
                : upper.toLowerCase(Locale.ROOT).replace(FINAL_SIGMA, SIGMA);
    }

    /** Unicode folds Cherokee letters to upper case, because their lower case was added much later. */
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

    /** Conjoining Jamo and their fillers. Normalisation leaves them only if they do not form a Hangul syllable. */
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
        List<Byte> directions =
                label.codePoints().mapToObj(Character::getDirectionality).toList();
        boolean arabicNumbers = directions.contains(Character.DIRECTIONALITY_ARABIC_NUMBER);
        boolean europeanNumbers = directions.contains(Character.DIRECTIONALITY_EUROPEAN_NUMBER);
        if (!arabicNumbers && directions.stream().noneMatch(UnicodeDomain::isRightToLeft)) {
            return true;
        }
        int last = directions.size() - 1;
        while (last > 0 && directions.get(last) == Character.DIRECTIONALITY_NONSPACING_MARK) {
            last--;
        }
        return !directions.contains(Character.DIRECTIONALITY_LEFT_TO_RIGHT)
                && isRightToLeft(directions.get(0))
                && (isRightToLeft(directions.get(last))
                        || directions.get(last) == Character.DIRECTIONALITY_EUROPEAN_NUMBER
                        || directions.get(last) == Character.DIRECTIONALITY_ARABIC_NUMBER)
                && !(europeanNumbers && arabicNumbers);
    }

    private static boolean isRightToLeft(byte direction) {
        return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }
}
