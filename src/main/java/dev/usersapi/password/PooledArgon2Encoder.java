package dev.usersapi.password;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Argon2id with the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, 2 iterations, parallelism 1), in the
 * same format as Spring Security's {@link Argon2PasswordEncoder}. Unlike that class it reuses the memory of a hash, because
 * allocating 19 MiB for each would cause several full garbage collections a second.
 */
class PooledArgon2Encoder implements PasswordEncoder {

    private static final int MEMORY_KIB = 19 * 1024;
    private static final int ITERATIONS = 2;
    private static final int PARALLELISM = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final String PREFIX =
            "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + ITERATIONS + ",p=" + PARALLELISM + "$";
    private static final Pattern OWN =
            Pattern.compile(Pattern.quote(PREFIX) + "([A-Za-z0-9+/]{22})\\$([A-Za-z0-9+/]{43})");

    private final SecureRandom random = new SecureRandom();
    private final int pooledBlocks;
    private volatile Argon2BytesGenerator.BlockPool pool;

    /** @param concurrent number of hashes for which memory is kept */
    PooledArgon2Encoder(int concurrent) {
        int temporaryBlocks = 8; // for the intermediate results of a hash
        pooledBlocks = concurrent * (MEMORY_KIB + temporaryBlocks);
        pool = new Argon2BytesGenerator.FixedBlockPool(pooledBlocks);
    }

    /** Releases the pooled memory to the garbage collector. Later hashes fill a new pool. */
    void releaseMemory() {
        pool = new Argon2BytesGenerator.FixedBlockPool(pooledBlocks);
    }

    @Override
    public @Nullable String encode(@Nullable CharSequence password) {
        if (password == null) {
            return null;
        }
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return PREFIX + base64.encodeToString(salt) + "$" + base64.encodeToString(hash(password, salt));
    }

    /** A text that is not a hash of this format matches no password, after the same work. */
    @Override
    public boolean matches(@Nullable CharSequence password, @Nullable String encoded) {
        if (password == null) {
            return false;
        }
        Matcher own = OWN.matcher(String.valueOf(encoded));
        boolean isOwn = own.matches();
        byte[] salt = isOwn ? Base64.getDecoder().decode(own.group(1)) : new byte[SALT_BYTES];
        byte[] expected = isOwn ? Base64.getDecoder().decode(own.group(2)) : new byte[HASH_BYTES];
        return MessageDigest.isEqual(expected, hash(password, salt)) && isOwn; // in constant time
    }

    /** Whether the hash has the format and the parameters of {@link #encode}. */
    static boolean isOwn(@Nullable String encoded) {
        return OWN.matcher(String.valueOf(encoded)).matches();
    }

    @Override
    public boolean upgradeEncoding(@Nullable String encoded) {
        return !isOwn(encoded);
    }

    private byte[] hash(CharSequence password, byte[] salt) {
        Argon2Parameters parameters = new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(MEMORY_KIB)
                .withIterations(ITERATIONS)
                .withParallelism(PARALLELISM)
                .withSalt(salt)
                .withBlockPool(pool)
                .build();
        return hash(password, parameters, HASH_BYTES);
    }

    static byte[] hash(CharSequence password, Argon2Parameters parameters, int bytes) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(parameters);
        byte[] hash = new byte[bytes];
        generator.generateBytes(password.toString().getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }
}
