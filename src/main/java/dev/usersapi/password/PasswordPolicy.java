package dev.usersapi.password;

import com.nulabinc.zxcvbn.StandardDictionaries;
import com.nulabinc.zxcvbn.StandardKeyboards;
import com.nulabinc.zxcvbn.Strength;
import com.nulabinc.zxcvbn.Zxcvbn;
import com.nulabinc.zxcvbn.ZxcvbnBuilder;
import com.nulabinc.zxcvbn.matchers.Dictionary;
import com.nulabinc.zxcvbn.matchers.Match;
import dev.usersapi.error.FaultReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.Normalizer;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;

/**
 * Decides which passwords are accepted: long enough and not easily guessed, without composition rules (NIST SP 800-63B-4
 * section 3.1.1.2).
 */
@Component
public class PasswordPolicy {

    private static final int MAX_LENGTH = 128;
    private static final int MAX_RAW_LENGTH = 8 * MAX_LENGTH; // in UTF-16 code units, before normalization

    // The number of entries in the list of common passwords. A password that takes no more guesses is as weak as they.
    private static final int MAX_WEAK_GUESSES = 30_000;

    // zxcvbn also tries letters in place of digits and symbols ("p4$$word"), in more than quadratic time: 4 s for 128
    // characters, 0.1 s for 24.
    private static final int MAX_ESTIMATED_LENGTH = 24;

    private final int minLength;
    private final Supplier<CommonPasswords> common =
            SingletonSupplier.of(CommonPasswords::load); // at first use, because loading would delay the start

    /** The list of common passwords, and an estimator of how many guesses a password takes, which uses the list. */
    private record CommonPasswords(Set<String> passwords, Zxcvbn estimator) {

        static CommonPasswords load() {
            try {
                Dictionary list = StandardDictionaries.PASSWORDS_LOADER.load();
                return new CommonPasswords(
                        new HashSet<>(list.getFrequencies()),
                        new ZxcvbnBuilder()
                                .dictionary(list)
                                .keyboards(StandardKeyboards.loadAllKeyboards())
                                .build());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    PasswordPolicy(PasswordProperties properties) {
        this.minLength = properties.minLength();
    }

    /**
     * Why the password is refused; empty if it is accepted. The length is counted in code points of the normal form.
     *
     * @param email e-mail address of the user, null if it is not known
     * @param name name of the user, null if it is not known
     */
    public Optional<FaultReason> refusal(String password, @Nullable String email, @Nullable String name) {
        String normal = normalize(password);
        int length = normal.codePointCount(0, normal.length());
        if (length < minLength || length > MAX_LENGTH || password.length() > MAX_RAW_LENGTH) {
            return Optional.of(new FaultReason(
                            length < minLength ? "password_too_short" : "password_too_long",
                            "must have " + minLength + " to " + MAX_LENGTH + " characters")
                    .withRange(minLength, MAX_LENGTH));
        }
        String folded = normal.toLowerCase(Locale.ROOT);
        if (common.get().passwords().contains(folded)) {
            return Optional.of(new FaultReason("password_too_common", "is one of the most common passwords"));
        }
        if (email != null
                && (equalsIgnoringCase(folded, email) || equalsIgnoringCase(folded, email.split("@", 2)[0]))) {
            return Optional.of(
                    new FaultReason("password_like_email", "must not be the e-mail address or a part of it"));
        }
        if (name != null && equalsIgnoringCase(folded, name)) {
            return Optional.of(new FaultReason("password_like_name", "must not be the name"));
        }
        return weakness(normal);
    }

    private Optional<FaultReason> weakness(String password) {
        // the length of the shortest text that the password repeats; without a repetition, the length of the password
        int period = (password + password).indexOf(password, 1);
        int length = password.codePointCount(0, password.length());
        if (period < password.length() && period <= MAX_ESTIMATED_LENGTH) {
            int repeats = password.length() / period;
            return estimate(password.substring(0, period)).getGuesses() * repeats > MAX_WEAK_GUESSES
                    ? Optional.empty()
                    : Optional.of(tooSimple("it repeats the same characters"));
        }
        if (length <= MAX_ESTIMATED_LENGTH) {
            return estimatedWeakness(password);
        }
        // a long password is accepted if its first or its last characters are strong enough alone
        String start = password.substring(0, password.offsetByCodePoints(0, MAX_ESTIMATED_LENGTH));
        String end = password.substring(password.offsetByCodePoints(password.length(), -MAX_ESTIMATED_LENGTH));
        return estimatedWeakness(start).flatMap(weakness -> estimatedWeakness(end));
    }

    private Optional<FaultReason> estimatedWeakness(String password) {
        Strength strength = estimate(password);
        return strength.getGuesses() > MAX_WEAK_GUESSES
                ? Optional.empty()
                : Optional.of(tooSimple(describePattern(strength)));
    }

    private Strength estimate(String password) {
        return common.get().estimator().measure(password);
    }

    private static FaultReason tooSimple(String pattern) {
        return new FaultReason("password_too_simple", "is guessed too easily: " + pattern);
    }

    private static String describePattern(Strength strength) {
        Match longest = strength.getSequence().stream()
                .max(Comparator.comparingInt(Match::tokenLength))
                .orElseThrow();
        return switch (longest.pattern) {
            case Repeat -> "it repeats the same characters";
            case Sequence -> "it follows a sequence such as abc or 6543";
            case Spatial -> "it follows a row of keys";
            case Date, Regex -> "it is a date";
            case Dictionary, Bruteforce -> "it is a common password with a few more characters";
        };
    }

    /**
     * Returns the Unicode normal form C, which is hashed, because operating systems encode the same characters
     * differently. A text that is far too long for a password is returned as it is, because normalization takes quadratic
     * time.
     */
    public static String normalize(CharSequence password) {
        return password.length() > MAX_RAW_LENGTH
                ? password.toString()
                : Normalizer.normalize(password, Normalizer.Form.NFC);
    }

    private static boolean equalsIgnoringCase(String folded, String other) {
        return folded.equals(normalize(other).toLowerCase(Locale.ROOT));
    }
}
