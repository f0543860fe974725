package dev.usersapi.auth;

import dev.usersapi.ratelimit.ClientAddress;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * From where a session is used, as its user will recognise it.
 *
 * @param ip the client's address, at most 64 characters
 * @param userAgent what the client says of itself, at most 512 characters
 */
record Device(@Nullable String ip, @Nullable String userAgent) {

    private static final int MOST_IP = 64;
    private static final int MOST_USER_AGENT = 512;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

    static Device of(HttpServletRequest request) {
        return new Device(
                text(ClientAddress.whole(request), MOST_IP), text(request.getHeader("User-Agent"), MOST_USER_AGENT));
    }

    private static @Nullable String text(@Nullable String sent, int most) {
        if (sent == null) {
            return null;
        }
        String text = CONTROL.matcher(sent).replaceAll("").strip();
        return text.isEmpty() ? null : text.substring(0, Math.min(text.length(), most));
    }
}
