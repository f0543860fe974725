import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server process on a free loopback port. It ends when this object is closed or this JVM ends. */
final class Server implements AutoCloseable {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Process process;
    private final Path log;
    private final int port;

    private Server(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    }

    /** Starts the process without waiting for it. Its output goes to {@code NAME.log}. */
    static Server launch(String name, String command, Map<String, String> settings) {
        try (ServerSocket free = new ServerSocket(0)) {
            int port = free.getLocalPort();
            Path log = Bench.WORK.resolve(name + ".log");
            ProcessBuilder builder = new ProcessBuilder(command.split(" "));
            Map<String, String> environment = builder.environment();
            environment.keySet().removeIf(key -> key.matches("(SPRING|USERS|SERVER|LOGGING|MANAGEMENT)_.*"));
            environment.putAll(settings);
            environment.put("SERVER_PORT", Integer.toString(port));
            environment.put("SERVER_ADDRESS", "127.0.0.1");
            free.close();
            return new Server(
                    builder.redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start(),
                    log,
                    port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a path answers with the status. */
    Server await(String path, int status) {
        for (int i = 0; i < 2400 && process.isAlive(); i++) {
            try {
                HttpRequest request =
                        HttpRequest.newBuilder(URI.create(origin() + path)).build();
                if (CLIENT.send(request, BodyHandlers.discarding()).statusCode() == status) {
                    return this;
                }
            } catch (IOException e) {
                // the server does not listen yet
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            Bench.pause(50);
        }
        close();
        throw new IllegalStateException("Did not start; see " + log);
    }

    /** Waits for a line in the log, without sending requests, and returns the CPU milliseconds used until then. */
    double cpuUntil(String line) {
        try {
            while (process.isAlive() && !Files.readString(log).contains(line)) {
                Bench.pause(10);
            }
            if (process.isAlive()) {
                return Cpu.ofProcess(process.pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException("Did not start; see " + log);
    }

    /** Whether the server still has a connection that its client has closed, because it is still processing the request. */
    boolean isAnsweringTheGone() throws IOException {
        String closeWait = "(?s).*: [0-9A-F]+:%04X [0-9A-F]+:[0-9A-F]{4} 08 .*".formatted(port);
        return Files.readString(Path.of("/proc/net/tcp")).matches(closeWait)
                || Files.readString(Path.of("/proc/net/tcp6")).matches(closeWait);
    }

    String origin() {
        return "http://127.0.0.1:" + port;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(90, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
