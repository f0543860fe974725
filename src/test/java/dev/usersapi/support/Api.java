package dev.usersapi.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.user.UserId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.core.env.Environment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sends requests to the service over HTTP and compares every response with the OpenAPI document. */
@TestComponent
public class Api {

    public static final String PASSWORD = "correct-horse-battery";
    public static final JsonMapper JSON = JsonMapper.shared();

    private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();
    private static final AtomicInteger ADDRESSES = new AtomicInteger();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private final Environment environment;
    private @Nullable Client admin;

    Api(Environment environment) {
        this.environment = environment;
    }

    public String origin() {
        return "http://localhost:" + environment.getRequiredProperty("local.server.port")
                + environment.getProperty("server.servlet.context-path", "");
    }

    public int port() {
        return environment.getRequiredProperty("local.server.port", Integer.class);
    }

    /** A client without credentials, with its own client address. */
    public Client anonymous() {
        int n = ADDRESSES.incrementAndGet();
        return new Client(origin(), "", Map.of("X-Forwarded-For", "198.51." + n / 250 + "." + (1 + n % 250)));
    }

    public synchronized Client admin() {
        if (admin == null) {
            admin = login("admin@example.com", PASSWORD);
        }
        return admin;
    }

    public Client login(String email, String password) {
        Answer answer = anonymous().post("/api/v1/auth/login", Map.of("email", email, "password", password));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return as(answer.data());
    }

    /** A client with the tokens of a login or refresh. */
    public Client as(JsonNode tokens) {
        return new Client(origin(), tokens.at("/user/id").stringValue(), anonymous().headers)
                .with("Authorization", "Bearer " + tokens.get("access_token").stringValue());
    }

    /** Creates a pending user and returns the id. */
    public String create(String role) {
        return create(role, newEmail());
    }

    public String create(String role, String email) {
        Answer answer = admin().post(
                        "/api/v1/users",
                        Map.of("email", email, "name", "Ann Example", "role", role, "password", PASSWORD));
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.data().get("id").stringValue();
    }

    /** Creates an active user and logs them in. */
    public Client newUser(String role) {
        return login(newAccount(role), PASSWORD);
    }

    /** Creates an active user and returns the e-mail address. */
    public String newAccount(String role) {
        String email = newEmail();
        activate(create(role, email));
        return email;
    }

    /** A client with a new API key of the owner. */
    public Client program(Client owner, String... permissions) {
        Answer answer = owner.post("/api/v1/api-keys", Map.of("name", "A program", "permissions", permissions));
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return owner.with("Authorization", "Bearer " + answer.data().get("key").stringValue());
    }

    /** Creates a role and returns its name. */
    public String newRole(String... permissions) {
        String name = "role-" + UUID.randomUUID();
        Answer answer = admin().post("/api/v1/roles", Map.of("name", name, "permissions", permissions));
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return name;
    }

    public void activate(String id) {
        assertThat(admin().put("/api/v1/users/" + id, Map.of("status", "active"))
                        .status())
                .isEqualTo(200);
    }

    public static String newEmail() {
        return "user-" + UUID.randomUUID() + "@example.com";
    }

    /** The id of the user in the database. */
    public static UUID uuid(String userId) {
        return UserId.parse(userId).orElseThrow().value();
    }

    public static UUID uuid(Client user) {
        return uuid(user.id());
    }

    /** The pointer and code of each fault in an answer 400. */
    public static List<String> faults(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("invalid_request");
        return answer.body()
                .get("errors")
                .valueStream()
                .map(fault -> fault.get("pointer").stringValue() + " "
                        + fault.get("code").stringValue())
                .toList();
    }

    public record Answer(int status, java.net.http.HttpHeaders headers, String text) {

        public JsonNode body() {
            return JSON.readTree(text);
        }

        public JsonNode data() {
            return body().get("data");
        }

        public String code() {
            return body().get("code").stringValue();
        }

        @Nullable
        public String header(String name) {
            return headers.firstValue(name).orElse(null);
        }
    }

    /** Sends requests to one origin, with the same header fields in each. */
    public static final class Client {

        private final String origin;
        private final String id;
        private final Map<String, String> headers;

        private Client(String origin, String id, Map<String, String> headers) {
            this.origin = origin;
            this.id = id;
            this.headers = headers;
        }

        /** The id of the user; empty without credentials. */
        public String id() {
            return id;
        }

        public String token() {
            return String.valueOf(headers.get("Authorization")).replace("Bearer ", "");
        }

        public Client with(String name, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(name, value);
            return new Client(origin, id, more);
        }

        public Answer get(String path) {
            return send("GET", path);
        }

        public Answer delete(String path) {
            return send("DELETE", path);
        }

        public Answer post(String path, Object body) {
            return send("POST", path, JSON.writeValueAsString(body));
        }

        public Answer put(String path, Object body) {
            return send("PUT", path, JSON.writeValueAsString(body));
        }

        public Answer patch(String path, Object body) {
            return with("Content-Type", "application/merge-patch+json")
                    .send("PATCH", path, JSON.writeValueAsString(body));
        }

        public Answer send(String method, String path) {
            return sendBytes(method, path, null);
        }

        public Answer send(String method, String path, String body) {
            return sendBytes(method, path, body.getBytes(StandardCharsets.UTF_8));
        }

        public Answer sendBytes(String method, String path, byte @Nullable [] body) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(origin + path))
                    .timeout(Duration.ofSeconds(30))
                    .method(
                            method,
                            body == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofByteArray(body));
            if (body != null) {
                request.setHeader("Content-Type", "application/json");
            }
            headers.forEach(request::setHeader);
            try {
                HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
                DOCUMENT.check(
                        method,
                        path,
                        response.statusCode(),
                        response.headers().firstValue("Content-Type").orElse(null),
                        response.body());
                return new Answer(response.statusCode(), response.headers(), response.body());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
