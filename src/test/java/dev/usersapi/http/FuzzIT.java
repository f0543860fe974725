package dev.usersapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OpenApiDocument;
import dev.usersapi.support.RawHttp;
import dev.usersapi.support.TrustedIssuerTest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * Sends random requests, generated from the OpenAPI document. Each response must be one that the document describes, and
 * none may be a failure of the service. {@code -Dfuzz.seed=… -Dfuzz.requests=…} generates other requests, or more. The
 * first admin and the current signing key survive, everything else may be changed or deleted.
 */
@ApiTest
public class FuzzIT extends TrustedIssuerTest {

    private static final int MAX_REPORTED_FAULTS = 20;
    private static final int REQUESTS_PER_SET_OF_CALLERS = 250;

    // members of responses whose values are sent again, and the member or parameter in which they are sent
    private static final Map<String, String> REUSED_MEMBERS = Map.of(
            "email", "email",
            "role", "role",
            "next_cursor", "cursor",
            "refresh_token", "refresh_token",
            "type", "slug");

    private final long seed = Long.getLong("fuzz.seed", 1);
    private final int requests = Integer.getInteger("fuzz.requests", 2_000);
    private final OpenApiDocument document = OpenApiDocument.load();
    private final List<String> operations = List.copyOf(document.operations());
    private final FuzzedValues values = new FuzzedValues(document, new Random(seed));
    private final Map<String, String> callers = new TreeMap<>();
    private final Map<String, String> faults = new HashMap<>();
    private final Set<String> succeeded = new TreeSet<>();

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @Test
    void everyRequestIsAnsweredAsDocumented() {
        for (int n = 0; n < requests && faults.size() < MAX_REPORTED_FAULTS; n++) {
            if (n % REQUESTS_PER_SET_OF_CALLERS == 0) {
                renewCallers();
            }
            String operation = operations.get(n % operations.size());
            String caller = values.oneOf(List.copyOf(callers.keySet()));
            send(FuzzedRequest.of(operation, document, values, authorization(caller)), caller);
        }

        assertThat(faults)
                .as("-Dfuzz.seed=%d -Dfuzz.requests=%d", seed, requests)
                .isEmpty();
        if (requests >= 2_000) {
            assertThat(succeeded).as("operations that succeeded").hasSizeGreaterThan(operations.size() * 3 / 4);
        }
    }

    private @Nullable String authorization(String caller) {
        String token = callers.getOrDefault(caller, "");
        return token.isEmpty() ? null : "Bearer " + token;
    }

    private void send(FuzzedRequest request, String caller) {
        String fault;
        Answer answer = null;
        try {
            answer = RawHttp.send(api.port(), request.wire());
            fault = fault(request, answer);
        } catch (RuntimeException e) {
            fault = "no answer: " + e;
        }
        if (!fault.isEmpty()) {
            faults.putIfAbsent(
                    request.operation() + ": "
                            + fault.replace(request.target(), "").replaceAll("(?s): .*", ""),
                    caller + " sent\n" + request + "\n" + fault);
        } else if (answer != null
                && answer.status() < 300
                && request.operation().startsWith(request.method())) {
            succeeded.add(request.operation());
            remember(request, answer);
        }
    }

    private String fault(FuzzedRequest request, Answer answer) {
        if (answer.status() >= 500) {
            return "the service failed with " + answer.status() + ": " + answer.text();
        }
        if (answer.header("X-Request-Id") == null || answer.header("X-Content-Type-Options") == null) {
            return "a header field is missing in " + answer;
        }
        try {
            document.check(
                    request.method(), request.target(), answer.status(), answer.header("Content-Type"), answer.text());
            return "";
        } catch (AssertionError e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void remember(FuzzedRequest request, Answer answer) {
        String tag = answer.header("ETag");
        if (tag != null) {
            values.remember("ETag", tag);
        }
        if (String.valueOf(answer.header("Content-Type")).startsWith("application/json")
                && request.target().startsWith("/api/")) {
            remember("", answer.body());
        }
    }

    private void remember(String member, JsonNode value) {
        if (value.isContainer()) {
            value.forEachEntry(this::remember);
            if (value.isArray()) {
                value.forEach(element -> remember(member, element));
            }
        } else if (value.isString() && !value.stringValue().equals(api.admin().id())) {
            String text = value.stringValue();
            switch (text.length() > 4 ? text.substring(0, 4) : "") {
                case "usr_" -> values.remember("user_id", text);
                case "ses_" -> values.remember("session_id", text);
                case "key_" -> values.remember("key_id", text);
                default -> {
                    String kind = REUSED_MEMBERS.get(member);
                    if (kind != null) {
                        values.remember(kind, text);
                    }
                }
            }
        }
    }

    /** Deletes the users and roles of earlier requests, so that a long run does not reach the limits of the service. */
    private void renewCallers() {
        database.sql("delete from users where email <> 'admin@example.com'").update();
        database.sql("delete from roles where name not in ('admin', 'editor', 'viewer', 'member')")
                .update();
        values.forget();
        callers.clear();
        callers.put("no token", "");
        callers.put("unsigned token", "eyJhbGciOiJub25lIn0.e30.");
        callers.put("trusted issuer", token());
        Map<String, String[]> roles = Map.of(
                "viewer", new String[] {"users:read"},
                "editor", new String[] {"users:read", "users:write"},
                "member", new String[0]);
        roles.forEach((name, permissions) -> {
            String role = api.newRole(permissions);
            values.remember("name", role);
            values.remember("role", role);
            Client user = api.newUser(role);
            values.remember("user_id", user.id());
            callers.put(name, user.token());
        });
        for (int i = 0; i < 2; i++) {
            Client admin = api.newUser("admin");
            callers.put("admin " + i, admin.token());
            callers.put(
                    "key " + i,
                    api.program(admin, "users:read", "users:write", "users:delete", "roles:write", "metrics:read")
                            .token());
        }
    }
}
