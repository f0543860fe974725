package dev.usersapi;

import dev.usersapi.database.EmbeddedDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Starts the service on an embedded PostgreSQL, sends it typical requests and stops it. {@code src/main/docker/prepare}
 * runs this class so that Java records the loaded classes in an archive, which makes later starts faster.
 */
final class WarmUp {

    private static final String EMAIL = "admin@example.com";
    private static final String PASSWORD = "correct-horse-battery";
    private static final int REPETITIONS = 20;

    private final String origin;
    private String token = "";

    private WarmUp(String origin) {
        this.origin = origin;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("Usage: WarmUp <empty directory for the data>");
        }
        try (ConfigurableApplicationContext service = SpringApplication.run(
                UsersApiApplication.class,
                "--users.data-dir=" + arguments[0],
                "--users.admin.email=" + EMAIL,
                "--users.admin.password=" + PASSWORD,
                "--server.address=127.0.0.1",
                "--server.port=0")) {
            service.getBean(EmbeddedDatabase.class); // throws if settings name another database
            new WarmUp("http://127.0.0.1:" + service.getEnvironment().getProperty("local.server.port")).run();
        }
    }

    private void run() throws IOException {
        JsonNode login = call(200, "POST", "/api/v1/auth/login", Map.of("email", EMAIL, "password", PASSWORD));
        JsonNode tokens =
                call(200, "POST", "/api/v1/auth/refresh", Map.of("refresh_token", text(login, "refresh_token")));
        for (int i = 0; i < REPETITIONS; i++) {
            token = "";
            call(200, "GET", "/actuator/health/readiness", Map.of());
            call(401, "GET", "/api/v1/users", Map.of());
            token = text(tokens, "access_token");
            call(200, "GET", "/api/v1/users/me", Map.of());
            call(200, "GET", "/api/v1/users?page=1&limit=20&status=active&role=admin", Map.of());
            call(400, "POST", "/api/v1/users", Map.of("email", "jane", "password", "password"));
        }
        Map<String, Object> jane = Map.of("email", "jane@example.com", "name", "Jane", "password", PASSWORD);
        String path = "/api/v1/users/" + text(call(201, "POST", "/api/v1/users", jane), "id");
        call(409, "POST", "/api/v1/users", jane);
        call(200, "PUT", path, Map.of("settings", Map.of("theme", "dark", "notifications", false)));
        call(200, "GET", path, Map.of());
        call(200, "DELETE", path, Map.of());
        call(404, "GET", path, Map.of());
        call(204, "POST", "/api/v1/auth/logout", Map.of());
    }

    private static String text(JsonNode answer, String field) {
        return answer.at("/data/" + field).stringValue();
    }

    // not with java.net.http.HttpClient, whose TLS classes would get into the archive without use
    private JsonNode call(int expected, String method, String path, Map<String, Object> body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(origin + path).toURL().openConnection();
        connection.setRequestMethod(method);
        if (!token.isEmpty()) {
            connection.setRequestProperty("Authorization", "Bearer " + token);
        }
        if (!body.isEmpty()) {
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            try (OutputStream request = connection.getOutputStream()) {
                request.write(JsonMapper.shared().writeValueAsBytes(body));
            }
        }
        int status = connection.getResponseCode();
        try (InputStream answer = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            if (status != expected) {
                throw new IllegalStateException(method + " " + path + " answered " + status);
            }
            return JsonMapper.shared().readTree(answer);
        }
    }
}
