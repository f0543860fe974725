package dev.usersapi.password;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.security.crypto.bcrypt.BCrypt;

/** bcrypt with the prefix {@code $2a$}, {@code $2b$} or {@code $2y$}. */
record BcryptHash(String text, int cost) implements ImportedHash {

    private static final Pattern FORMAT = Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{53}");
    private static final int MIN_COST = 4; // the minimum of bcrypt
    private static final int MAX_COST = 14;

    static Optional<ImportedHash> parse(String text) {
        Matcher parts = FORMAT.matcher(text);
        return parts.matches() && Integer.parseInt(parts.group(1)) >= MIN_COST
                ? Optional.of(new BcryptHash(text, Integer.parseInt(parts.group(1))))
                : Optional.empty();
    }

    @Override
    public String scheme() {
        return "bcrypt";
    }

    @Override
    public double work() {
        return Math.pow(2, cost - MAX_COST);
    }

    @Override
    public long memory() {
        return 0;
    }

    @Override
    public boolean matches(String password) {
        return BCrypt.checkpw(password.getBytes(StandardCharsets.UTF_8), text);
    }
}
