package dev.usersapi.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import redis.embedded.core.ExecutableProvider;

/**
 * A real server without persistence: Valkey in a container if Docker is available, otherwise Redis from a Maven
 * artifact. Tests can kill it, freeze it and start it again on the same port.
 */
public final class TestRedis implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TestRedis.class);

    /** A running server, in a container or as a process. */
    private interface Server {

        void start() throws IOException;

        void kill() throws IOException;

        void freeze() throws IOException;

        void thaw() throws IOException;
    }

    private final int port = unusedPort();
    private final Server server;

    private TestRedis(boolean docker) {
        log.info("Tests run on {}", docker ? "Valkey in a container" : "Redis from a Maven artifact: no Docker");
        server = docker ? new InContainer(port) : new FromArtifact(port);
    }

    public static TestRedis create() {
        return new TestRedis(DockerClientFactory.instance().isDockerAvailable());
    }

    public static TestRedis start() {
        TestRedis redis = create();
        redis.startAgain();
        return redis;
    }

    public String url() {
        return "redis://localhost:" + port;
    }

    public void startAgain() {
        run(Server::start);
        await().ignoreException(RedisConnectionException.class)
                .atMost(Duration.ofSeconds(20))
                .until(() -> ask(RedisCommands::ping), "PONG"::equals);
    }

    /** Kills the server with SIGKILL; its data is lost. */
    public void kill() {
        run(Server::kill);
    }

    /** Suspends the server: connections stay open and get no answers. */
    public void freeze() {
        run(Server::freeze);
    }

    public void thaw() {
        run(Server::thaw);
    }

    public <T> T ask(Function<RedisCommands<String, String>, T> question) {
        try (RedisClient client = RedisClient.create(url());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return question.apply(connection.sync());
        }
    }

    @Override
    public void close() {
        kill();
    }

    private interface Command {

        void execute(Server server) throws IOException;
    }

    private void run(Command command) {
        try {
            command.execute(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int unusedPort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class FromArtifact implements Server {

        // of this process, because another one that runs tests would overwrite the program while it runs
        private static final Path DIRECTORY = Path.of(
                        "target", "redis", Long.toString(ProcessHandle.current().pid()))
                .toAbsolutePath();

        private final int port;
        private @Nullable Process process;

        FromArtifact(int port) {
            this.port = port;
        }

        private static synchronized File executable() throws IOException {
            return ExecutableProvider.newJarResourceProvider(
                            Files.createDirectories(DIRECTORY).toFile())
                    .get();
        }

        @Override
        public void start() throws IOException {
            process = new ProcessBuilder(
                            executable().toString(),
                            "--port",
                            Integer.toString(port),
                            "--bind",
                            "127.0.0.1",
                            "--save",
                            "")
                    .directory(DIRECTORY.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(DIRECTORY.resolve(port + ".log").toFile())
                    .start();
        }

        private Process process() {
            assertThat(process).isNotNull();
            return process;
        }

        @Override
        public void kill() {
            ServiceProcess.end(process().toHandle());
        }

        @Override
        public void freeze() throws IOException {
            signal("STOP");
        }

        @Override
        public void thaw() throws IOException {
            signal("CONT");
        }

        private void signal(String name) throws IOException {
            Process sent = new ProcessBuilder(
                            "kill", "-" + name, Long.toString(process().pid()))
                    .start();
            await().until(() -> !sent.isAlive());
            assertThat(sent.exitValue()).isZero();
        }
    }

    private static final class InContainer implements Server {

        private static final ExposedPort PORT = ExposedPort.tcp(6379);

        private final GenericContainer<?> container;

        @SuppressWarnings("resource") // Testcontainers removes it when the JVM ends
        InContainer(int port) {
            container = new GenericContainer<>("valkey/valkey:8-alpine")
                    .withCommand("valkey-server", "--save", "", "--protected-mode", "no")
                    .withCreateContainerCmdModifier(command -> Objects.requireNonNull(
                                    command.withExposedPorts(PORT).getHostConfig())
                            .withPortBindings(new PortBinding(Ports.Binding.bindPort(port), PORT)));
        }

        private static DockerClient docker() {
            return DockerClientFactory.instance().client();
        }

        @Override
        public void start() {
            if (container.getContainerId() == null) {
                container.start();
            } else {
                docker().startContainerCmd(container.getContainerId()).exec();
            }
        }

        @Override
        public void kill() {
            docker().killContainerCmd(container.getContainerId()).exec();
        }

        @Override
        public void freeze() {
            docker().pauseContainerCmd(container.getContainerId()).exec();
        }

        @Override
        public void thaw() {
            docker().unpauseContainerCmd(container.getContainerId()).exec();
        }
    }
}
