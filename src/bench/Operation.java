import java.util.List;

/**
 * A measured operation: requests of one kind, from which the load generator picks at random.
 *
 * @param requests lines for {@code request.lua}
 * @param tolerated the number of answers that may have another status than the expected one
 * @param note a remark for the report, such as the number of users that a search finds
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
