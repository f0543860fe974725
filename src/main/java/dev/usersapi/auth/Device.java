package dev.usersapi.auth;

import dev.usersapi.ratelimit.ClientAddress;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a session is used from. Users recognise their devices by it in the list of their sessions.
 *
 * @param ip the client address, at most 64 characters
 * @param userAgent the header {@code User-Agent}, at most 512 characters
 */
record Device(@Nullable String ip, @Nullable String userAgent) {

    private static final int MAX_IP_LENGTH = 64;
    private static final int MAX_USER_AGENT_LENGTH = 512;
    private static final Pattern CONTROL_CHARACTERS = Pattern.compile("\\p{Cc}");

    static Device of(HttpServletRequest request) {
        return new Device(
                printable(ClientAddress.full(request), MAX_IP_LENGTH),
                printable(request.getHeader("User-Agent"), MAX_USER_AGENT_LENGTH));
    }

    private static @Nullable String printable(@Nullable String value, int maxLength) {
        if (value == null) {
            return null;
        }
        String text = CONTROL_CHARACTERS.matcher(value).replaceAll("").strip();
        return text.isEmpty() ? null : text.substring(0, Math.min(text.length(), maxLength));
    }
}
