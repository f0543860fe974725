package dev.usersapi.password;

import com.nulabinc.zxcvbn.StandardDictionaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.Normalizer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;

/** What a password must be (NIST SP 800-63B-4 section 3.1.1.2): long enough and not guessable; no composition rules. */
@Component
public class PasswordPolicy {

    private static final int MAX_LENGTH = 128;
    private static final int MAX_RAW_LENGTH = 8 * MAX_LENGTH; // in UTF-16 units, before normalising

    private final int minLength;
    private final Supplier<Set<String>> common = SingletonSupplier.of(PasswordPolicy::load); // not while starting

    PasswordPolicy(PasswordProperties properties) {
        this.minLength = properties.minLength();
    }

    private static Set<String> load() {
        try {
            return new HashSet<>(StandardDictionaries.PASSWORDS_LOADER.load().getFrequencies());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Why the password is refused, or empty when it is fine. Length is counted in code points of the normal form.
     *
     * @param email of its owner, null where it is not known
     * @param name of its owner, null where it is not known
     */
    public Optional<String> refusal(String password, @Nullable String email, @Nullable String name) {
        String normal = normalize(password);
        int length = normal.codePointCount(0, normal.length());
        if (length < minLength || length > MAX_LENGTH || password.length() > MAX_RAW_LENGTH) {
            return Optional.of("must have " + minLength + " to " + MAX_LENGTH + " characters");
        }
        String folded = normal.toLowerCase(Locale.ROOT);
        if (common.get().contains(folded)) {
            return Optional.of("is one of the most common passwords");
        }
        if (email != null && (equalsFolded(folded, email) || equalsFolded(folded, email.split("@", 2)[0]))) {
            return Optional.of("must not be the e-mail address or a part of it");
        }
        if (name != null && equalsFolded(folded, name)) {
            return Optional.of("must not be the name");
        }
        return Optional.empty();
    }

    /**
     * The form that is hashed, so that the same characters typed on another system match. What is far too long for a
     * password stays as it is: normalising takes time that grows with the square of the length.
     */
    public static String normalize(CharSequence password) {
        return password.length() > MAX_RAW_LENGTH
                ? password.toString()
                : Normalizer.normalize(password, Normalizer.Form.NFC);
    }

    private static boolean equalsFolded(String folded, String other) {
        return folded.equals(normalize(other).toLowerCase(Locale.ROOT));
    }
}
