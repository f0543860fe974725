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
 * Starts the service on an embedded PostgreSQL, calls it for a while and stops it, so that Java can keep what it learned
 * for the starts to come. {@code src/main/docker/prepare} runs it; nothing in the service refers to it.
 */
final class Rehearsal {

    private static final String EMAIL = "admin@example.com";
    private static final String PASSWORD = "correct-horse-battery";
    private static final int ROUNDS = 20;

    private final String origin;
    private String token = "";

    private Rehearsal(String origin) {
        this.origin = origin;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("Name an empty directory for the data");
        }
        try (ConfigurableApplicationContext service = SpringApplication.run(
                UsersApiApplication.class,
                "--users.data-dir=" + arguments[0],
                "--users.admin.email=" + EMAIL,
                "--users.admin.password=" + PASSWORD,
                "--server.address=127.0.0.1",
                "--server.port=0")) {
            service.getBean(EmbeddedDatabase.class); // or fail: never on a database that somebody needs
            new Rehearsal("http://127.0.0.1:" + service.getEnvironment().getProperty("local.server.port")).run();
        }
    }

    private void run() throws IOException {
        JsonNode login = call(200, "POST", "/api/v1/auth/login", Map.of("email", EMAIL, "password", PASSWORD));
        JsonNode tokens =
                call(200, "POST", "/api/v1/auth/refresh", Map.of("refresh_token", text(login, "refresh_token")));
        for (int i = 0; i < ROUNDS; i++) {
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

    // not the newer client of the JDK: its TLS, unused here, would go into what every start loads
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
            try (OutputStream sent = connection.getOutputStream()) {
                sent.write(JsonMapper.shared().writeValueAsBytes(body));
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
