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
 * Argon2id at the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane), written and read as
 * {@link Argon2PasswordEncoder} does it, in memory that is cleared and used again. Allocated anew, the 19 MiB of a hash
 * outlive the young generation, and a service that hashes collects all of its heap a few times a second.
 */
class PooledArgon2Encoder implements PasswordEncoder {

    private static final int BLOCKS = 19 * 1024; // of a KiB
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final String PREFIX = "$argon2id$v=19$m=" + BLOCKS + ",t=" + PASSES + ",p=" + LANES + "$";
    private static final Pattern OWN =
            Pattern.compile(Pattern.quote(PREFIX) + "([A-Za-z0-9+/]{22})\\$([A-Za-z0-9+/]{43})");

    private final SecureRandom random = new SecureRandom();
    private final int pooledBlocks;
    private volatile Argon2BytesGenerator.BlockPool blocks;

    /** Keeps the memory of so many hashes. */
    PooledArgon2Encoder(int concurrent) {
        int scratch = 8; // some more, for each hash's intermediate results
        pooledBlocks = concurrent * (BLOCKS + scratch);
        blocks = new Argon2BytesGenerator.FixedBlockPool(pooledBlocks);
    }

    /** Leaves the memory to somebody else. The next hashes take new one. */
    void releaseMemory() {
        blocks = new Argon2BytesGenerator.FixedBlockPool(pooledBlocks);
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

    /** No password matches what is no hash of ours, and to find that out costs the same. */
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

    /** Whether {@link #encode} makes such hashes now. */
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
                .withMemoryAsKB(BLOCKS)
                .withIterations(PASSES)
                .withParallelism(LANES)
                .withSalt(salt)
                .withBlockPool(blocks)
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
