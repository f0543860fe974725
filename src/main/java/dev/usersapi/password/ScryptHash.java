package dev.usersapi.password;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.SCrypt;

/** scrypt in the PHC string format and that of passlib: {@code $scrypt$ln=16,r=8,p=1$salt$hash}. */
final class ScryptHash implements ImportedHash {

    private static final Pattern FORMAT = Pattern.compile("\\$scrypt\\$ln=([0-9]{1,2}),r=([0-9]{1,6}),p=([0-9]{1,6})"
            + "\\$([A-Za-z0-9+/.]{2,172}={0,2})\\$([A-Za-z0-9+/.]{22,172}={0,2})");
    private static final int MAX_PARALLELISM = 8;

    private final int logCost;
    private final long blockSize;
    private final long parallelism;
    private final byte[] salt;
    private final byte[] hash;

    private ScryptHash(Matcher parts) {
        logCost = Integer.parseInt(parts.group(1));
        blockSize = Long.parseLong(parts.group(2));
        parallelism = Long.parseLong(parts.group(3));
        salt = ImportedHash.decode(parts.group(4));
        hash = ImportedHash.decode(parts.group(5));
    }

    static Optional<ImportedHash> parse(String text) {
        Matcher parts = FORMAT.matcher(text);
        return parts.matches()
                ? Optional.of(new ScryptHash(parts)).filter(ScryptHash::isValid).map(hash -> hash)
                : Optional.empty();
    }

    /** RFC 7914 section 6: N is a power of two, greater than 1 and less than 2^(128 * r / 8). */
    private boolean isValid() {
        return logCost >= 1 && blockSize >= 1 && parallelism >= 1 && logCost < 16 * blockSize;
    }

    @Override
    public String scheme() {
        return "scrypt";
    }

    @Override
    public double work() {
        return (double) parallelism / MAX_PARALLELISM; // the other parameters are limited by the memory
    }

    @Override
    public long memory() {
        return (long)
                (128.0 * blockSize * (Math.pow(2, logCost) + 2.0 * parallelism)); // as double, which does not overflow
    }

    @Override
    public boolean matches(String password) {
        byte[] computed = SCrypt.generate(
                password.getBytes(StandardCharsets.UTF_8),
                salt,
                1 << logCost,
                Math.toIntExact(blockSize),
                Math.toIntExact(parallelism),
                hash.length);
        return MessageDigest.isEqual(hash, computed);
    }
}
