package dev.usersapi.apikey;

import dev.usersapi.http.OpaqueToken;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The secret: {@code uak_}, 256 random bits in base64url, {@code _} and the CRC-32 of all that in hexadecimal digits.
 * Scanners that look for leaked secrets know it by its beginning, and can tell it from chance by its end.
 */
record ApiKeyText(String text) {

    static final String START = "uak_";

    private static final Pattern FORM = Pattern.compile(START + "[A-Za-z0-9_-]{43}_[0-9a-f]{8}");
    private static final int SHOWN = START.length() + 8; // leaves 208 bits to guess

    static ApiKeyText next(RandomGenerator random) {
        String start = OpaqueToken.next(START, random);
        return new ApiKeyText(start + "_" + checksum(start));
    }

    /** Whether it can be a key at all, which is told without asking the database. */
    boolean isSound() {
        int end = text.length() - 9;
        return FORM.matcher(text).matches() && text.substring(end + 1).equals(checksum(text.substring(0, end)));
    }

    /** What may be shown to anyone, to tell keys apart. */
    String prefix() {
        return text.substring(0, SHOWN);
    }

    byte[] hash() {
        return OpaqueToken.hash(text);
    }

    @Override
    public String toString() {
        return "ApiKeyText"; // a record would tell the secret
    }

    private static String checksum(String start) {
        CRC32 crc = new CRC32();
        crc.update(start.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
