import java.util.List;

/**
 * Something that is measured: requests of one kind, from which the load picks at random.
 *
 * @param requests lines for {@code request.lua}
 * @param tolerated answers that may have another status than the expected one
 * @param note what to know about it, such as how many users it finds
 */
record Operation(
        String name,
        String group,
        Server server,
        boolean usesDatabase,
        int expected,
        int tolerated,
        List<String> requests,
        String note) {

    static String request(String method, String path, String token, String body) {
        return String.join("\t", method, path, token, body);
    }
}
