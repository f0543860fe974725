package dev.usersapi.password;

import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** Argon2id, Argon2i or Argon2d with any parameters, in PHC string format. */
final class Argon2Hash implements ImportedHash {

    private static final Pattern FORMAT = Pattern.compile("\\$argon2(id|i|d)(?:\\$v=(16|19))?"
            + "\\$m=([0-9]{1,10}),t=([0-9]{1,10}),p=([0-9]{1,10})\\$([A-Za-z0-9+/]{8,172})\\$([A-Za-z0-9+/]{22,172})");
    private static final Map<String, Integer> KINDS =
            Map.of("id", Argon2Parameters.ARGON2_id, "i", Argon2Parameters.ARGON2_i, "d", Argon2Parameters.ARGON2_d);
    private static final int MAX_ITERATIONS = 10;
    private static final int MAX_PARALLELISM = 8;

    private final int kind;
    private final int version;
    private final long memoryKib;
    private final long iterations;
    private final long parallelism;
    private final byte[] salt;
    private final byte[] hash;

    private Argon2Hash(Matcher parts) {
        kind = KINDS.getOrDefault(parts.group(1), Argon2Parameters.ARGON2_id);
        version = "19".equals(parts.group(2))
                ? Argon2Parameters.ARGON2_VERSION_13
                : Argon2Parameters.ARGON2_VERSION_10; // also if the hash names no version
        memoryKib = Long.parseLong(parts.group(3));
        iterations = Long.parseLong(parts.group(4));
        parallelism = Long.parseLong(parts.group(5));
        salt = ImportedHash.decode(parts.group(6));
        hash = ImportedHash.decode(parts.group(7));
    }

    static Optional<ImportedHash> parse(String text) {
        Matcher parts = FORMAT.matcher(text);
        return parts.matches()
                ? Optional.of(new Argon2Hash(parts)).filter(Argon2Hash::isValid).map(hash -> hash)
                : Optional.empty();
    }

    /** RFC 9106 section 3.1. */
    private boolean isValid() {
        return iterations >= 1 && parallelism >= 1 && memoryKib >= 8 * parallelism;
    }

    @Override
    public String scheme() {
        return "Argon2";
    }

    @Override
    public double work() {
        return Math.max((double) iterations / MAX_ITERATIONS, (double) parallelism / MAX_PARALLELISM);
    }

    @Override
    public long memory() {
        return memoryKib * 1024;
    }

    @Override
    public boolean matches(String password) {
        Argon2Parameters parameters = new Argon2Parameters.Builder(kind)
                .withVersion(version)
                .withMemoryAsKB(Math.toIntExact(memoryKib))
                .withIterations(Math.toIntExact(iterations))
                .withParallelism(Math.toIntExact(parallelism))
                .withSalt(salt)
                .build();
        return MessageDigest.isEqual(hash, PooledArgon2Encoder.hash(password, parameters, hash.length));
    }
}
