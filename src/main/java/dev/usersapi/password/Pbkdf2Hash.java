package dev.usersapi.password;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * PBKDF2 in the format of passlib ({@code $pbkdf2-sha256$29000$salt$hash}), the PHC string format ({@code i=29000}) and
 * the format of Django ({@code pbkdf2_sha256$29000$salt$hash}, with a salt in plain text). The hash may be longer than the
 * digest: Keycloak before version 24 stored 64 bytes with SHA-256.
 */
final class Pbkdf2Hash implements ImportedHash {

    private static final Pattern PASSLIB =
            Pattern.compile("\\$pbkdf2(|-sha1|-sha256|-sha512)\\$(?:i=)?([0-9]{1,10})(?:,l=[0-9]{1,3})?"
                    + "\\$([A-Za-z0-9+/.]{2,172}={0,2})\\$([A-Za-z0-9+/.]{22,172}={0,2})");
    private static final Pattern DJANGO = Pattern.compile(
            "pbkdf2(_sha1|_sha256|_sha512)\\$([0-9]{1,10})\\$([^$]{1,128})\\$([A-Za-z0-9+/]{22,172}={0,2})");
    private static final int MAX_ITERATIONS = 2_000_000;

    private enum Digest {
        SHA1(20),
        SHA256(32),
        SHA512(64);

        private final int bytes;

        Digest(int bytes) {
            this.bytes = bytes;
        }
    }

    private final Digest digest;
    private final long iterations;
    private final byte[] salt;
    private final byte[] hash;

    private Pbkdf2Hash(Matcher parts, byte[] salt) {
        String name = parts.group(1).isEmpty() ? "sha1" : parts.group(1).substring(1);
        this.digest = Digest.valueOf(name.toUpperCase(Locale.ROOT));
        this.iterations = Long.parseLong(parts.group(2));
        this.salt = salt;
        this.hash = ImportedHash.decode(parts.group(4));
    }

    static Optional<ImportedHash> parse(String text) {
        Matcher passlib = PASSLIB.matcher(text);
        Matcher django = DJANGO.matcher(text);
        Optional<Pbkdf2Hash> hash = Optional.empty();
        if (passlib.matches()) {
            hash = Optional.of(new Pbkdf2Hash(passlib, ImportedHash.decode(passlib.group(3))));
        } else if (django.matches()) {
            hash = Optional.of(new Pbkdf2Hash(django, django.group(3).getBytes(StandardCharsets.UTF_8)));
        }
        return hash.filter(Pbkdf2Hash::isValid).map(found -> found);
    }

    private boolean isValid() {
        return iterations >= 1;
    }

    @Override
    public String scheme() {
        return "PBKDF2";
    }

    @Override
    public double work() {
        int blocks = (hash.length + digest.bytes - 1) / digest.bytes; // RFC 8018 section 5.2: each takes all iterations
        return (double) iterations * blocks / MAX_ITERATIONS;
    }

    @Override
    public long memory() {
        return 0;
    }

    @Override
    public boolean matches(String password) {
        PBEKeySpec key = new PBEKeySpec(password.toCharArray(), salt, Math.toIntExact(iterations), 8 * hash.length);
        try {
            byte[] computed = SecretKeyFactory.getInstance("PBKDF2WithHmac" + digest)
                    .generateSecret(key)
                    .getEncoded();
            return MessageDigest.isEqual(hash, computed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // cannot happen: the JDK has these algorithms
        }
    }
}
