import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The measured operations. Each is tried once before it is measured. */
final class Operations {

    static final String UNIT = "bare endpoint (U)";
    static final String HASH = "one password hash";
    static final String GET = "get by id";
    static final String FIRST = "first page";
    static final String EMAIL = "by email";
    static final String SEARCH = "search, few hits";
    static final String CREATE = "create";
    static final String UPDATE = "update";
    static final List<String> REFUSED = List.of("401 forged token", "403 not permitted", "429 over the limit");

    private static final String USERS = "/api/v1/users";
    private static final int VARIANTS = 1000; // different requests of an operation, from which one is picked each time
    private static final int CURSORS = 200;
    private static final int MAX_STEPS = 5000; // steps of a hundred users
    private static final List<String> FILTERS = List.of(
            "status=active",
            "status=pending",
            "role=member",
            "role=viewer",
            "status=active&role=member",
            "status=inactive&role=viewer");
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private record Answer(int status, JsonNode body) {

        long total() {
            return body.at("/meta/total").asLong(-1);
        }
    }

    private final Dataset data;
    private final Server service;
    private final Server bare;
    private final Server limited;
    private final List<String> viewers;
    private final List<String> editors;
    private final List<String> members;
    private final List<Operation> operations = new ArrayList<>();

    /** Logs the callers in. Their tokens are used for the whole run. */
    Operations(Dataset data, Server service, Server bare, Server limited) {
        this.data = data;
        this.service = service;
        this.bare = bare;
        this.limited = limited;
        viewers = logIn("viewer");
        editors = logIn("editor");
        members = logIn("member");
    }

    private List<String> logIn(String role) {
        return IntStream.rangeClosed(1, Dataset.CALLERS)
                .mapToObj(i -> logInRequest("caller-" + role + "-" + i + "@example.com"))
                .map(request -> send(service, request))
                .map(answer -> answer.body().at("/data/access_token").asString())
                .toList();
    }

    private static String logInRequest(String email) {
        return Operation.request(
                "POST",
                "/api/v1/auth/login",
                "",
                "{\"email\":\"" + email + "\",\"password\":\"" + Dataset.PASSWORD + "\"}");
    }

    /** The operations for the current size of the table. */
    List<Operation> all() throws SQLException {
        operations.clear();
        List<Dataset.Sample> users = data.sample();
        add("reference", UNIT, bare, 200, each(i -> Operation.request("GET", "/me", viewer(i), "")));
        add("reference", HASH, bare, 200, each(i -> Operation.request("GET", "/hash", viewer(i), "")));
        add("one user", GET, 200, each(i -> get("/" + pick(users, i).id(), i)));
        add(
                "one user",
                EMAIL,
                200,
                each(i -> list("email=" + encoded(pick(users, i).email()), i)));
        pages("pages", FIRST, "middle page", "page at 90 %", "");
        long pages = lastPage("");
        add("pages", "last page", 200, each(i -> list("page=" + pages, i)));
        for (String filter : FILTERS) {
            String name = filter.replaceAll("(status|role)=", "").replace("&", " ");
            pages("filtered pages", name + ", first page", null, name + ", page at 90 %", "&" + filter);
        }
        searches();
        cursor("search and ranges", "cursor among the older half", "created_before=" + data.at(0.5));
        for (String sort : List.of("name", "email", "last_login", "-last_login")) {
            add("sorted pages", "sort=" + sort + ", first page", 200, each(i -> list("sort=" + sort, i)));
        }
        add("cursor steps", "cursor, first step", 200, each(i -> list("cursor=", i)));
        for (String sort : List.of("-created_at", "name", "email", "last_login")) {
            cursor("cursor steps", "cursor, sort=" + sort, "sort=" + sort);
        }
        writes(users);
        refusals(users);
        return List.copyOf(operations);
    }

    private void pages(String group, String first, String middle, String deep, String filter) {
        add(group, first, 200, each(i -> list("page=1&limit=20" + filter, i)));
        long last = lastPage(filter);
        if (middle != null) {
            add(group, middle, 200, each(i -> list("page=" + around(0.5, last, i) + filter, i)));
        }
        add(group, deep, 200, each(i -> list("page=" + around(0.9, last, i) + filter, i)));
    }

    private long lastPage(String filter) {
        return Math.max(
                1,
                send(service, list("page=1" + filter, 0))
                        .body()
                        .at("/meta/pages")
                        .asLong());
    }

    /** Pages around a fraction of the list, at most one hundredth away from it. */
    private static long around(double fraction, long last, int i) {
        return Math.max(1, Math.round(last * (fraction + 0.02 * i / VARIANTS - 0.01)));
    }

    /** E-mails are first.last.number@example.com, so the number of hits of a last name with leading digits is known. */
    private void searches() {
        int digits = (int) Math.max(0, Math.ceil(Math.log10(data.size())) - 5);
        String leading = "." + "123".substring(0, Math.min(3, digits));
        add("search and ranges", SEARCH, 200, each(i -> list("q=" + pick(Dataset.LAST_NAMES, i) + leading, i)));
        if (data.size() <= 1_000_000) { // with ten million users, a quarter of them match and the search times out
            add(
                    "search and ranges",
                    "search, two letters",
                    200,
                    each(i -> list("q=" + pick(List.of("an", "so", "er"), i), i)));
        }
        add("search and ranges", "created on one day", 200, each(i -> {
            Instant day = data.at(0.01 + 0.98 * i / VARIANTS);
            return list("created_after=" + day + "&created_before=" + day.plus(Duration.ofDays(1)), i);
        }));
        long seconds = Math.max(1, 100 * Duration.ofDays(365).toSeconds() / data.size());
        add("search and ranges", "logged in within a short time", 200, each(i -> {
            Instant from = data.at(0.9 + 0.09 * i / VARIANTS);
            return list("last_login_after=" + from + "&last_login_before=" + from.plusSeconds(seconds), i);
        }));
    }

    /** Repeats cursor steps of a walk through the table, or through the first users of a large one. */
    private void cursor(String group, String name, String selection) {
        long steps = Math.min(MAX_STEPS, data.size() / 100);
        List<String> cursors = new ArrayList<>();
        String cursor = "";
        for (int i = 0; i < steps; i++) {
            Answer answer = send(service, list("limit=100&" + selection + "&cursor=" + cursor, 0));
            cursor = encoded(answer.body().at("/meta/next_cursor").asString(""));
            if (cursor.isEmpty()) {
                break;
            }
            if (i % (1 + steps / CURSORS) == 0) {
                cursors.add(cursor);
            }
        }
        List<String> found = cursors.isEmpty() ? List.of("") : cursors;
        add(
                group,
                name,
                "replayed from a walk through %,d users".formatted(100 * steps),
                service,
                200,
                0,
                each(i -> list(selection + "&cursor=" + pick(found, i), i)));
    }

    private void writes(List<Dataset.Sample> users) {
        add(
                "writes",
                CREATE,
                201,
                each(i -> Operation.request(
                        "POST",
                        USERS,
                        pick(editors, i),
                        "{\"email\":\"{unique}@bench.example.com\",\"name\":\""
                                + pick(users, i).name() + "\",\"password\":\"" + Dataset.PASSWORD + "\"}")));
        List<Dataset.Sample> changeable =
                users.stream().filter(user -> !user.role().equals("admin")).toList();
        add(
                "writes",
                UPDATE,
                200,
                each(i -> Operation.request(
                        "PUT",
                        USERS + "/" + pick(changeable, i).id(),
                        pick(editors, i),
                        "{\"name\":\"" + pick(users, i * 7 + 1).name() + " {unique}\"}")));
        List<Dataset.Sample> active =
                users.stream().filter(user -> user.status().equals("active")).toList();
        add("writes", "log in", 200, each(i -> logInRequest(pick(active, i).email())));
    }

    private void refusals(List<Dataset.Sample> users) {
        String group = "refused";
        add(group, REFUSED.get(0), 401, each(i -> {
            String token = viewer(i);
            int signature = token.lastIndexOf('.') + 10;
            char other = token.charAt(signature) == 'A' ? 'B' : 'A';
            return Operation.request(
                    "GET", USERS, token.substring(0, signature) + other + token.substring(signature + 1), "");
        }));
        add(group, REFUSED.get(1), 403, each(i -> Operation.request("GET", USERS, pick(members, i), "")));
        send(limited, list("", 0)); // uses up the one request per minute
        add(group, REFUSED.get(2), "", limited, 429, 2, List.of(list("", 0)));
    }

    private void add(String group, String name, int expected, List<String> requests) {
        add(group, name, service, expected, requests);
    }

    private void add(String group, String name, Server server, int expected, List<String> requests) {
        add(group, name, "", server, expected, 0, requests);
    }

    private void add(
            String group,
            String name,
            String remark,
            Server server,
            int expected,
            int tolerated,
            List<String> requests) {
        Answer answer = send(server, requests.get(0));
        String hits = answer.total() < 0 ? "" : "%,d users".formatted(answer.total());
        String note = String.join(remark.isEmpty() || hits.isEmpty() ? "" : "; ", remark, hits);
        operations.add(new Operation(name, group, server, server != bare, expected, tolerated, requests, note));
    }

    private static List<String> each(IntFunction<String> request) {
        return IntStream.range(0, VARIANTS).mapToObj(request).toList();
    }

    private String list(String query, int i) {
        return get(query.isEmpty() ? "" : "?" + query, i);
    }

    private String get(String rest, int i) {
        return Operation.request("GET", USERS + rest, viewer(i), "");
    }

    private String viewer(int i) {
        return pick(viewers, i);
    }

    private static <T> T pick(List<T> values, int i) {
        return values.get(i * 7919 % values.size()); // a prime number, so that consecutive picks are far apart
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static Answer send(Server server, String request) {
        String[] parts = request.split("\t", -1);
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(server.origin() + parts[1]))
                .method(parts[0], BodyPublishers.ofString(parts[3].replace("{unique}", "probe" + System.nanoTime())));
        if (!parts[2].isEmpty()) {
            builder.header("Authorization", "Bearer " + parts[2]);
        }
        if (!parts[3].isEmpty()) {
            builder.header("Content-Type", "application/json");
        }
        try {
            HttpResponse<String> response = CLIENT.send(builder.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), JSON.readTree(response.body()));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(request, e);
        }
    }
}
