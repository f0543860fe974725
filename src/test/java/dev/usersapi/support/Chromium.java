package dev.usersapi.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One tab of a headless Chromium, driven through the Chrome DevTools Protocol. */
public final class Chromium implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();

    /** Starts the browser with the given directory, which must be empty, as its profile. */
    public Chromium(Path profile) throws IOException, InterruptedException {
        process = new ProcessBuilder(
                        "chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--remote-debugging-port=0",
                        "--window-size=1280,900",
                        "--user-data-dir=" + profile)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path port = profile.resolve("DevToolsActivePort");
        await().atMost(TIMEOUT)
                .until(() -> Files.exists(port) && Files.readString(port).contains("\n"));
        HttpClient http = HttpClient.newHttpClient();
        URI tabs = URI.create(
                "http://127.0.0.1:" + Files.readString(port).lines().findFirst().orElseThrow() + "/json/list");
        JsonNode tab = Api.JSON
                .readTree(http.send(HttpRequest.newBuilder(tabs).build(), HttpResponse.BodyHandlers.ofString())
                        .body())
                .get(0);
        socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(tab.get("webSocketDebuggerUrl").stringValue()), new Replies())
                .join();
    }

    /** Opens a page and runs the script in it before the scripts of the page. */
    public void open(String url, String script) {
        call("Page.enable", Map.of());
        call("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
        call("Page.navigate", Map.of("url", url));
    }

    /** Evaluates a JavaScript expression and returns its value. If the value is a promise, waits for its result. */
    public JsonNode evaluate(String expression) {
        JsonNode reply =
                call("Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
        assertThat(reply.has("exceptionDetails")).as(expression + ": " + reply).isFalse();
        return reply.path("result").path("value");
    }

    private JsonNode call(String method, Map<String, Object> params) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> reply = new CompletableFuture<>();
        pending.put(id, reply);
        socket.sendText(Api.JSON.writeValueAsString(Map.of("id", id, "method", method, "params", params)), true)
                .join();
        return reply.orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        process.onExit().join();
    }

    private final class Replies implements WebSocket.Listener {

        private final StringBuilder message = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                JsonNode reply = Api.JSON.readTree(message.toString());
                message.setLength(0);
                CompletableFuture<JsonNode> waiting =
                        pending.remove(reply.path("id").asInt(0));
                if (waiting != null) {
                    waiting.complete(reply.path("result"));
                }
            }
            webSocket.request(1);
            return null;
        }
    }
}
