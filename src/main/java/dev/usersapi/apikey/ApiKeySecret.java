package dev.usersapi.apikey;

import dev.usersapi.http.OpaqueToken;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The secret that a client sends as its API key: {@code uak_}, 256 random bits in base64url, {@code _} and the CRC-32
 * of all that in hexadecimal digits. Scanners for leaked secrets recognise it by its prefix and confirm it by its
 * checksum.
 */
record ApiKeySecret(String text) {

    static final String PREFIX = "uak_";

    private static final Pattern PATTERN = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}_[0-9a-f]{8}");
    private static final int SHOWN_LENGTH = PREFIX.length() + 8; // leaves 208 bits secret

    static ApiKeySecret next(RandomGenerator random) {
        String token = OpaqueToken.next(PREFIX, random);
        return new ApiKeySecret(token + "_" + checksum(token));
    }

    /** Checks form and checksum, so that a text that cannot be a key needs no query. */
    boolean isWellFormed() {
        int end = text.length() - 9;
        return PATTERN.matcher(text).matches() && text.substring(end + 1).equals(checksum(text.substring(0, end)));
    }

    /** The beginning, which is stored and shown so that people can tell keys apart. */
    String shownPrefix() {
        return text.substring(0, SHOWN_LENGTH);
    }

    byte[] hash() {
        return OpaqueToken.hash(text);
    }

    @Override
    public String toString() {
        return "ApiKeySecret"; // the default of a record would contain the secret
    }

    private static String checksum(String token) {
        CRC32 crc = new CRC32();
        crc.update(token.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
