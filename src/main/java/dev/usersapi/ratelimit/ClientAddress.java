package dev.usersapi.ratelimit;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** From where a request comes. */
public final class ClientAddress {

    private static final Pattern WITH_PORT = Pattern.compile("^([0-9.]+):[0-9]+$");

    private ClientAddress() {}

    /** What counts as one client: an IPv4 address, or the /64 network of an IPv6 one, as one household has it. */
    public static String of(HttpServletRequest request) {
        String address = whole(request);
        return address.indexOf(':') < 0
                ? address
                : String.join(":", Arrays.asList(address.split(":", -1)).subList(0, 4));
    }

    /** The address itself, at most 64 characters: always in the same form, an IPv6 one as eight groups. */
    public static String whole(HttpServletRequest request) {
        String address = WITH_PORT.matcher(request.getRemoteAddr()).replaceFirst("$1"); // as some proxies forward it
        if (address.indexOf(':') < 0) {
            return address.length() > 64 ? address.substring(0, 64) : address;
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress(); // a colon makes it a literal: no look-up
            return InetAddress.getByAddress(bytes).getHostAddress(); // without the zone
        } catch (UnknownHostException e) {
            return "unknown"; // a trusted proxy forwarded what is no address
        }
    }
}
