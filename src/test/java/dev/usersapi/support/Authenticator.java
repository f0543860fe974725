package dev.usersapi.support;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** An authenticator app: it computes the codes of a secret (TOTP, RFC 6238). */
public final class Authenticator {

    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private final SecretKeySpec key;

    public Authenticator(String secret) {
        // the one in front keeps zeros at the start
        byte[] bytes = secret.chars()
                .mapToObj(c -> BigInteger.valueOf(BASE32.indexOf(c)))
                .reduce(BigInteger.ONE, (number, next) -> number.shiftLeft(5).add(next))
                .toByteArray();
        this.key = new SecretKeySpec(Arrays.copyOfRange(bytes, 1, bytes.length), "HmacSHA1");
    }

    public static void main(String[] secret) {
        System.out.println(new Authenticator(secret[0]).code());
    }

    /** The code of the current time step. */
    public String code() {
        return code(0);
    }

    /** The code of a later or, with a negative number, an earlier time step. */
    public String code(int steps) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(key);
            long step = Instant.now().getEpochSecond() / 30 + steps;
            ByteBuffer hash = ByteBuffer.wrap(
                    mac.doFinal(ByteBuffer.allocate(8).putLong(step).array()));
            int number = hash.getInt(hash.get(19) & 15) & 0x7fffffff;
            return Integer.toString(1_000_000 + number % 1_000_000).substring(1);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
