package dev.usersapi.ratelimit;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** The IP address of the client that sent a request, as Tomcat or a trusted proxy reports it. */
public final class ClientAddress {

    private static final Pattern WITH_PORT = Pattern.compile("^([0-9.]+):[0-9]+$");

    private ClientAddress() {}

    /** The range that counts as one client: an IPv4 address, or the /64 network of an IPv6 address. */
    public static String network(HttpServletRequest request) {
        String address = full(request);
        return address.indexOf(':') < 0
                ? address
                : String.join(":", Arrays.asList(address.split(":", -1)).subList(0, 4));
    }

    /** The address in a canonical form of at most 64 characters. An IPv6 address has eight groups without abbreviation. */
    public static String full(HttpServletRequest request) {
        String address = WITH_PORT.matcher(request.getRemoteAddr()).replaceFirst("$1"); // some proxies add the port
        if (address.indexOf(':') < 0) {
            return address.length() > 64 ? address.substring(0, 64) : address;
        }
        try {
            byte[] bytes =
                    InetAddress.getByName(address).getAddress(); // no DNS query, because only a literal has a colon
            return InetAddress.getByAddress(bytes).getHostAddress(); // without the zone
        } catch (UnknownHostException e) {
            return "unknown"; // a trusted proxy has sent something that is not an address
        }
    }
}
