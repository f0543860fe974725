package dev.usersapi.totp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;
import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;

/**
 * Time-based one-time passwords (RFC 6238), with the only parameters that every authenticator app supports: HMAC-SHA-1,
 * six digits, a new code every 30 seconds.
 */
final class Totp {

    static final int SECRET_BYTES = 20; // the length of the hash, as RFC 4226 section 4 recommends

    private static final int STEP_SECONDS = 30;
    private static final int TOLERATED_STEPS = 1; // for differing clocks and slow typing

    private Totp() {}

    /** Returns the time step, counted from 1970, that the code belongs to, if it is the present one or a neighbour. */
    static OptionalLong stepOf(byte[] secret, String code, Instant now) {
        byte[] actual = code.getBytes(StandardCharsets.UTF_8);
        long current = Math.floorDiv(now.getEpochSecond(), STEP_SECONDS);
        OptionalLong found = OptionalLong.empty();
        for (long step = current - TOLERATED_STEPS; step <= current + TOLERATED_STEPS; step++) {
            byte[] expected = code(secret, step).getBytes(StandardCharsets.UTF_8);
            if (MessageDigest.isEqual(expected, actual)) { // takes the same time for every wrong code
                found = OptionalLong.of(step);
            }
        }
        return found;
    }

    static String code(byte[] secret, long step) {
        byte[] message = ByteBuffer.allocate(Long.BYTES).putLong(step).array();
        byte[] hash = new HmacUtils(HmacAlgorithms.HMAC_SHA_1, secret).hmac(message);
        int offset = hash[hash.length - 1] & 0xF;
        int number = ByteBuffer.wrap(hash).getInt(offset) & Integer.MAX_VALUE;
        return String.format(Locale.ROOT, "%06d", number % 1_000_000);
    }
}
